package main

import (
	"fmt"
	"math"
	"slices"
)

// sampled are several measurements of one thing.
type sampled []float64

func (s sampled) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(s))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// with prints the median and, when there is more than one measurement, the least and the greatest.
func (s sampled) with(unit func(float64) string) string {
	if len(s) < 2 {
		return unit(s.median())
	}
	return fmt.Sprintf("%s (%s–%s)", unit(s.median()), unit(slices.Min(s)), unit(slices.Max(s)))
}

func (r runs) seconds() sampled {
	var all sampled
	for _, u := range r {
		all = append(all, u.wall.Seconds())
	}
	return all
}

func (r runs) cpuSeconds() sampled {
	var all sampled
	for _, u := range r {
		all = append(all, u.cpu.Seconds())
	}
	return all
}

func (r runs) memory() sampled {
	var all sampled
	for _, u := range r {
		all = append(all, float64(u.memory))
	}
	return all
}

// ratios divides measurements of the same rounds.
func ratios(a, b sampled) sampled {
	var all sampled
	for i := range a {
		all = append(all, a[i]/b[i])
	}
	return all
}

func seconds(s float64) string {
	if s < 1 {
		return fmt.Sprintf("%.0f ms", s*1e3)
	}
	return digits(s) + " s"
}

func microseconds(s float64) string { return fmt.Sprintf("%.0f µs", s*1e6) }

func mebibytes(b float64) string { return fmt.Sprintf("%.0f MiB", b/(1<<20)) }

func times(r float64) string { return digits(r) + "×" }

// digits prints as many as say something.
func digits(f float64) string {
	switch {
	case f >= 100:
		return fmt.Sprintf("%.0f", f)
	case f >= 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.2f", f)
}
