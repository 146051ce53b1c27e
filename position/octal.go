package position

import (
	"fmt"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Octals reports numbers that begin with a zero. They are no faults: YAML 1.1, which Helm reads, has octal numbers so.
func (f *File) Octals() []Fault {
	var found []Fault
	for _, node := range f.octals {
		digits := strings.TrimLeft(strings.ReplaceAll(node.Value, "_", ""), "+-0")
		number, err := strconv.ParseUint(digits, 8, 64)
		if err != nil { // beyond 64 bits
			continue
		}
		sign, _, _ := strings.Cut(strings.TrimPrefix(node.Value, "+"), "0")
		found = append(found, Fault{ID: FaultOctal, Position: f.position(node),
			Message: fmt.Sprintf("%s begins with a zero, so YAML takes it for octal, the number %s%d: write %s%s, %s0o%s if octal is meant, or \"%s\" for a string",
				node.Value, sign, number, sign, digits, sign, digits, node.Value)})
	}
	return found
}

// isOctal is true for numbers such as 0443, but not for those that mean the same without the zero, such as 07.
func isOctal(node *yaml.Node) bool {
	digits := strings.TrimLeft(node.Value, "+-")
	if len(digits) < 3 || digits[0] != '0' || !isUnquoted(node) || strings.Trim(digits, "01234567_") != "" {
		return false
	}
	return len(strings.TrimLeft(strings.ReplaceAll(digits, "_", ""), "0")) > 1 && node.ShortTag() == "!!int"
}
