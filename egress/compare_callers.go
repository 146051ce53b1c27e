package egress

import (
	"slices"
)

// visibility compares who may call.
func (c *comparison) visibility() {
	was, is := c.was.namespaces(), c.is.namespaces()
	c.moreOrLess(was, is, slices.Contains(was, "*"), slices.Contains(is, "*"), moreOrLess{
		site: atVisibility, more: "visible to %s%s: %s -> %s", less: "no longer visible to %s%s: %s -> %s",
		all: "all namespaces", rest: "all other namespaces",
	})
	from, to := c.was.ways[0].AllowFrom(), c.is.ways[0].AllowFrom()
	c.moreOrLess(callers(from), callers(to), from == nil, to == nil, moreOrLess{
		site: below(atEntry, "allowFrom"), more: "allowed to call: %s%s: %s -> %s", less: "no longer allowed to call: %s%s: %s -> %s",
		all: "everybody", rest: "everybody else",
	})
}

// moreOrLess says in words that a set has grown or shrunk.
type moreOrLess struct {
	site       func(*Way) string
	more, less string // with what is new or gone, whether the rest stays, the set before and the set after
	all, rest  string
}

// moreOrLess reports what is new in a set as wider, and what is gone as narrower. A set may stand for all.
func (c *comparison) moreOrLess(was, is []string, wasAll, isAll bool, words moreOrLess) {
	text := func(set []string, all bool) string {
		if all {
			return words.all
		}
		return listText(set)
	}
	report := func(class Class, format, besides string, set, other []string, all, otherAll bool) {
		more := without(set, other)
		switch {
		case otherAll, !all && len(more) == 0:
			return
		case all:
			more = []string{words.rest}
		}
		c.add(class, words.site, format, listText(more), besides, text(was, wasAll), text(is, isAll))
	}
	report(Wider, words.more, asWell(isAll || len(without(was, is)) == 0), is, was, isAll, wasAll)
	report(Narrower, words.less, "", was, is, wasAll, isAll)
}
