package delivery

import (
	"errors"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
)

// parseRules reads rules for Prometheus as it does itself, expressions included.
func parseRules(text string) error {
	_, errs := rulefmt.Parse([]byte(text), false, model.UTF8Validation, parser.NewParser(parser.Options{}))
	return errors.Join(errs...)
}
