package position

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Place is where a values path was found.
type Place struct {
	Key      Position   // of the key in its map, or of the list's item
	Value    Position   // of the value if it is a scalar, else as Key
	Exists   bool       // false: the path is not set anywhere, and Key is the nearest parent's
	Unquoted string     // the text of a scalar without quotes, as the file has it
	Via      []Position // aliases that lead to the place, outermost first
}

// Layers are values files in the order of -f, and flags above them.
type Layers struct {
	files []*File
	flags []Assignment
}

// Merge lays files over each other: maps merge, lists and scalars replace, null removes. Flags are applied last, in
// their order. Nil files are left out.
func Merge(files []*File, flags []Assignment) *Layers {
	layers := &Layers{flags: flags}
	for _, file := range files {
		if file != nil {
			layers.files = append(layers.files, file)
		}
	}
	return layers
}

// Find returns the place of a path: the last file or flag that set it.
func (l *Layers) Find(path Path) Place {
	for _, flag := range slices.Backward(l.flags) {
		if path.Within(flag.Path) { // the flag set the value, or a parent of it as a whole
			return flag.place(true)
		}
	}
	place, depth := l.findInFiles(path)
	for end := len(path); end > depth; end-- {
		for _, flag := range slices.Backward(l.flags) {
			if flag.Path.Within(path[:end]) { // only the flag brought this parent into being
				return flag.place(end == len(path))
			}
		}
	}
	return place
}

// findInFiles follows the path; depth is the number of segments that exist.
func (l *Layers) findInFiles(path Path) (place Place, depth int) {
	var stack []Node // the maps that merge into the value reached so far, or the one list or scalar
	for _, file := range l.files {
		if file.root != nil {
			stack = append(stack, Node{file, file.root})
		}
	}
	if len(stack) == 0 {
		if len(l.files) > 0 {
			place.Key = l.files[len(l.files)-1].position(nil)
		}
		place.Value = place.Key
		return place, 0
	}
	place.Key = stack[len(stack)-1].position()
	place.Value = place.Key
	for depth < len(path) {
		step := descend(stack, path[depth])
		if step.stack == nil {
			return place, depth
		}
		stack = step.stack
		place.Key, place.Value, place.Unquoted = step.key, step.value, unquotedText(step.stack)
		place.Via = append(place.Via, step.via...)
		depth++
	}
	place.Exists = true
	return place, depth
}

type step struct {
	stack      []Node
	key, value Position
	via        []Position
}

func descend(stack []Node, segment Segment) step {
	if segment.List {
		return descendList(stack[len(stack)-1], segment.Index)
	}
	var found step
	for _, layer := range slices.Backward(stack) {
		key, value := layer.file.lookup(layer.yaml, segment.Key)
		if value == nil {
			continue
		}
		target, via := resolve(layer.file, value)
		if found.stack == nil {
			found.key, found.value = layer.file.position(key), scalarPosition(layer.file, key, value, target)
			found.via = via
		} else if target.Kind != yaml.MappingNode {
			break // a later file's map replaced this
		}
		found.stack = append([]Node{{layer.file, target}}, found.stack...)
		if target.Kind != yaml.MappingNode {
			break
		}
	}
	return found
}

func descendList(list Node, index int) step {
	if list.yaml.Kind != yaml.SequenceNode || index >= len(list.yaml.Content) {
		return step{}
	}
	item := list.yaml.Content[index]
	target, via := resolve(list.file, item)
	at := list.file.position(item)
	return step{stack: []Node{{list.file, target}}, key: at, value: at, via: via}
}

func unquotedText(stack []Node) string {
	if top := stack[len(stack)-1].yaml; top.Kind == yaml.ScalarNode && isUnquoted(top) {
		return top.Value
	}
	return ""
}

// resolve follows an alias; via has the alias' own place when it leads to a map or list.
func resolve(file *File, value *yaml.Node) (target *yaml.Node, via []Position) {
	for range maxAliasSteps {
		if value.Kind != yaml.AliasNode {
			break
		}
		if value.Alias.Kind != yaml.ScalarNode {
			via = append(via, file.position(value))
		}
		value = value.Alias
	}
	return value, via
}

const maxAliasSteps = 8 // an alias names a value, not another alias, in what the parser returns

// scalarPosition is the value's place; a map, list or null is best shown by its key.
func scalarPosition(file *File, key, value, target *yaml.Node) Position {
	if target.Kind != yaml.ScalarNode || target.Value == "" && isNull(target) {
		return file.position(key)
	}
	return file.position(value)
}
