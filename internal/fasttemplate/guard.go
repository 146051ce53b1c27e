package fasttemplate

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"
)

// ErrWrites says that a template would write to what its guard protects. It is an [ErrNotPlain].
var ErrWrites = fmt.Errorf("%w: it writes to shared values", ErrNotPlain)

// Guard keeps templates from writing to what others read. A map can be written to by Sprig's functions set and unset, and
// everything below it by those that merge.
type Guard struct {
	protected map[uintptr]struct{}
	readOnly  bool
	watched   uintptr // address of the watched map
	kept      bool
	sorted    sync.Map // *sortedMap by the map's address, of large maps; only of those that nothing writes to
}

// NewGuard returns a guard that protects nothing yet.
func NewGuard() *Guard { return &Guard{protected: map[uintptr]struct{}{}} }

// Protect protects a map, not those in it. Not while templates execute.
func (g *Guard) Protect(m map[string]any) { g.protected[address(m)] = struct{}{} }

// Watch has the guard notice when templates keep a map: when they put it into another map or into a list.
func (g *Guard) Watch(m map[string]any) { g.watched = address(m) }

// Kept tells whether templates have kept the watched map.
func (g *Guard) Kept() bool { return g.kept }

// ReadOnly returns a guard that protects everything but the dicts that an execution makes itself. Executions with it may
// run at the same time and share all data. It is for one set of data that nothing else writes to meanwhile.
func ReadOnly() *Guard { return &Guard{readOnly: true} }

func address(m map[string]any) uintptr { return reflect.ValueOf(m).Pointer() }

// noteMade notes that an execution has made a map. Its address may be that of another one later, when the map is gone: then
// too it is one that this execution made, as it shares none with others.
func (g *Guard) noteMade(x *execution, m map[string]any) {
	if g == nil || !g.readOnly {
		return
	}
	if x.made == nil {
		x.made = map[uintptr]struct{}{}
	}
	x.made[address(m)] = struct{}{}
}

// noteKept notes that a map or a list now has the values.
func (g *Guard) noteKept(values ...any) {
	if g == nil || g.watched == 0 || g.kept {
		return
	}
	for _, value := range values {
		switch value.(type) {
		case nil, string, bool, int, float64, int64:
			continue
		}
		v := reflect.ValueOf(value)
		g.kept = g.kept || v.Kind() == reflect.Map && v.Pointer() == g.watched
	}
}

// checkWrite panics when the value is a map that the execution may not write to.
func (g *Guard) checkWrite(x *execution, value any) {
	if g == nil || value == nil || reflect.TypeOf(value).Kind() != reflect.Map {
		return // no map: the function itself has something to say
	}
	at := reflect.ValueOf(value).Pointer()
	var allowed bool
	if g.readOnly {
		_, allowed = x.made[at]
	} else {
		_, protected := g.protected[at]
		allowed = !protected
	}
	if !allowed {
		panic(ErrWrites)
	}
}

// guarded compiles the arguments of a function that writes to them, or keeps them, so that the guard knows. Sprig's
// sortAlpha sorts a []string where it is; values hold none, but what is shared read-only may.
func guarded(name string, args []expression) []expression {
	if len(args) == 0 {
		return args
	}
	first := args[0]
	switch name {
	case "set", "unset":
		if len(args) == 3 {
			args[2] = kept(args[2])
		}
		args[0] = func(f *frame) any {
			value := first(f)
			f.guard.checkWrite(f.execution, value)
			return value
		}
	case "dict", "list", "tuple", "append", "push", "prepend", "mustAppend", "mustPush", "mustPrepend":
		for i := range args {
			args[i] = kept(args[i])
		}
	case "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite":
		args[0] = func(f *frame) any {
			if f.guard != nil {
				panic(ErrWrites)
			}
			return first(f)
		}
	case "sortAlpha":
		args[0] = func(f *frame) any {
			value := first(f)
			if _, inPlace := value.([]string); inPlace && f.guard != nil && f.guard.readOnly {
				panic(ErrWrites)
			}
			return value
		}
	}
	return args
}

// kept compiles an argument that the function puts into a map or a list.
func kept(arg expression) expression {
	return func(f *frame) any {
		value := arg(f)
		f.guard.noteKept(value)
		return value
	}
}

// sortedMap is a map as range sees it.
type sortedMap struct {
	keys   []string
	values []any
	of     map[string]any // so that no other map gets its address
}

// sortedLeast is the size from which on sorting a map twice costs more than keeping it sorted.
const sortedLeast = 64

// sortMap returns what range iterates over: the map as it is now, by its sorted keys.
func (x *execution) sortMap(m map[string]any) sortedMap {
	if x.guard == nil || !x.guard.readOnly || len(m) < sortedLeast {
		return newSortedMap(m)
	}
	at := address(m)
	if _, own := x.made[at]; own {
		return newSortedMap(m)
	}
	if kept, ok := x.guard.sorted.Load(at); ok {
		return *kept.(*sortedMap)
	}
	sorted := newSortedMap(m)
	x.guard.sorted.Store(at, &sorted)
	return sorted
}

func newSortedMap(m map[string]any) sortedMap {
	s := sortedMap{keys: slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m)), values: make([]any, len(m)), of: m}
	slices.Sort(s.keys)
	for i, key := range s.keys {
		s.values[i] = m[key]
	}
	return s
}
