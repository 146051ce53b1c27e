// Package valuesflags has the flags of helm by which the commands take values.
package valuesflags

import "github.com/spf13/pflag"

// Values are where the flags put what they are given, as render.ValuesOptions has it.
type Values struct {
	Files, Set, SetString, SetJSON, SetFile *[]string
}

// Add adds the flags. They add to each other, as those of helm do.
func Add(f *pflag.FlagSet, v Values) {
	f.StringSliceVarP(v.Files, "values", "f", nil, "values `file` in YAML; - is standard input (can be repeated: later files win)")
	f.StringArrayVar(v.Set, "set", nil, "set values: `key=value[,key=value]` (can be repeated)")
	f.StringArrayVar(v.SetString, "set-string", nil, "set values as strings: `key=value[,key=value]` (can be repeated)")
	f.StringArrayVar(v.SetJSON, "set-json", nil, "set values as JSON: `key=json` (can be repeated)")
	f.StringArrayVar(v.SetFile, "set-file", nil, "set values to the text of files: `key=path[,key=path]` (can be repeated)")
}

// AddSkipSchema adds helm's flag that leaves the schema out.
func AddSkipSchema(f *pflag.FlagSet, skip *bool) {
	f.BoolVar(skip, "skip-schema-validation", false, "leave out values.schema.json; the chart still refuses what would be dangerous")
}
