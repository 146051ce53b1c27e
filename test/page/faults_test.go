//go:build e2e

package page

import (
	_ "embed" // of the checks
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/browser"
)

// checks finds what a person would call broken.
//
//go:embed checks.js
var checks string

// faults are what is wrong with a page, in words.
func faults(t *testing.T, p *browser.Page, v browser.View) []string {
	t.Helper()
	var found []string
	require.NoError(t, p.Evaluate(fmt.Sprintf("(%s)(%d)", checks, v.Width), &found))
	urls, err := p.Requests()
	require.NoError(t, err)
	for _, url := range urls[min(1, len(urls)):] { // the first is the page itself
		found = append(found, "the page loads "+url)
	}
	for _, complaint := range p.Complaints() {
		found = append(found, "the browser complains: "+complaint)
	}
	return found
}
