package render

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls work for 0 to n-1, on all cores, in chunks of a size that pays. It panics with what work panics with.
func inParallel(n, chunk int, work func(int)) {
	var next atomic.Int64
	var panicked atomic.Value
	worker := func() {
		defer func() {
			if r := recover(); r != nil {
				panicked.Store(&r)
			}
		}()
		for {
			end := int(next.Add(int64(chunk)))
			for i := end - chunk; i < min(end, n); i++ {
				work(i)
			}
			if end >= n {
				return
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+chunk-1)/chunk) - 1 {
		workers.Go(worker)
	}
	worker()
	workers.Wait()
	if r := panicked.Load(); r != nil {
		panic(*r.(*any))
	}
}
