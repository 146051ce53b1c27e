package main

import (
	"fmt"
	"strconv"
	"strings"
)

// size is a number of entries, and how often it is measured.
type size struct{ entries, rounds int }

func parseSizes(text string) ([]size, error) {
	var sizes []size
	for item := range strings.SplitSeq(text, ",") {
		entries, rounds, ok := strings.Cut(item, ":")
		if !ok {
			return nil, fmt.Errorf("%q: want entries:rounds, such as 1000:5", item)
		}
		s := size{}
		var err error
		if s.entries, err = positive(entries); err != nil {
			return nil, fmt.Errorf("%q: entries: %w", item, err)
		}
		if s.rounds, err = positive(rounds); err != nil {
			return nil, fmt.Errorf("%q: rounds: %w", item, err)
		}
		sizes = append(sizes, s)
	}
	return sizes, nil
}

func positive(text string) (int, error) {
	number, err := strconv.Atoi(text)
	if err == nil && number < 1 {
		err = fmt.Errorf("%d is less than 1", number)
	}
	return number, err
}
