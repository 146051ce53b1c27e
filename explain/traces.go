package explain

import (
	"context"
	"iter"
	"slices"
)

// batchSize is how many calls are loaded for together: enough that loading does not count, few enough that what istiod holds
// stays small. Its own cost grows faster than the number of objects.
const batchSize = 2048

// Traces follows any number of calls, in their order, and loads for a few hundred at a time. It is for many calls about
// many objects. The traces cannot tell what was ignored.
func Traces(ctx context.Context, objects []Object, o Options, calls []Call) iter.Seq2[*Trace, error] {
	return func(yield func(*Trace, error) bool) {
		ix, o, err := prepare(objects, o)
		if err != nil {
			yield(nil, err)
			return
		}
		for batch := range slices.Chunk(calls, batchSize) {
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			if !traceBatch(ix, o, batch, yield) {
				return
			}
		}
	}
}

// traceBatch tells whether to go on.
func traceBatch(ix *index, o Options, calls []Call, yield func(*Trace, error) bool) bool {
	part, err := ix.part(o, calls)
	if err != nil {
		return yield(nil, err) && false
	}
	m := newMesh(part, o)
	defer m.Close()
	m.whole = ix
	for _, call := range calls {
		t, err := m.Explain(call)
		if !yield(t, err) || err != nil {
			return false
		}
	}
	return true
}
