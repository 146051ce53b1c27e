package position

import (
	"strings"

	"go.yaml.in/yaml/v4"
)

// Helm reads YAML 1.1, where these words, without quotes, are booleans; the parser used for positions reads them as strings.
var booleans = map[string]string{
	"y": "true", "Y": "true", "yes": "true", "Yes": "true", "YES": "true", "on": "true", "On": "true", "ON": "true",
	"true": "true", "True": "true", "TRUE": "true",
	"n": "false", "N": "false", "no": "false", "No": "false", "NO": "false", "off": "false", "Off": "false", "OFF": "false",
	"false": "false", "False": "false", "FALSE": "false",
}

func isUnquoted(node *yaml.Node) bool {
	return node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
}

func isString(node *yaml.Node) bool {
	if !isUnquoted(node) {
		return node.ShortTag() == "!!str"
	}
	tag := node.ShortTag()
	return (tag == "!!str" || tag == "!!timestamp") && booleans[node.Value] == ""
}

func isNotFinite(node *yaml.Node) bool {
	if !isUnquoted(node) || len(node.Value) < 4 || len(node.Value) > 5 {
		return false
	}
	switch strings.ToLower(node.Value) {
	case ".nan", ".inf", "-.inf", "+.inf":
		return node.ShortTag() == "!!float"
	}
	return false
}

// keyName is the key as it appears in Helm's values.
func keyName(key *yaml.Node) string {
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	if name, ok := booleans[key.Value]; ok && isUnquoted(key) {
		return name
	}
	return key.Value
}

func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && (key.ShortTag() == "!!merge" || isUnquoted(key))
}
