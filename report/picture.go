package report

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/istio-egress/istio-egress/egress"
)

// picture is three columns of boxes with lines between them: who may call, under which name, which server.
type picture struct {
	Width, Height int
	Heads         []pictureHead
	Boxes         []pictureBox
	Lines         []pictureLine
}

type pictureHead struct {
	X    int
	Text string
}

type pictureBox struct {
	X, Y, W, H   int
	Class        string // caller, name or server
	Text, Note   string
	Whole        string // the text where Text is cut
	TextY, NoteX int
}

type pictureLine struct {
	Path           string
	Grade          egress.Grade // empty between callers and names
	Label          string
	Whole          string // the label where it is cut
	LabelX, LabelY int
}

// Measures in pixels.
const (
	headHeight   = 30
	boxHeight    = 32
	boxGap       = 14
	lineGap      = 26 // of parallel lines, which have a label each
	callerWidth  = 160
	nameWidth    = 270
	serverWidth  = 300
	callerSpace  = 70
	labelSpace   = 370
	pictureEdge  = 4
	letterWidth  = 7.2
	noteWidth    = 6.2
	labelLetters = 54
	noteLetters  = 18
)

// node is a box of a column, with the links that touch it.
type node struct {
	text, note string
	links      []*drawnLink
	slots      int // lines that need room of their own
	mean       float64
	box        pictureBox
}

// drawnLink is a link between nodes.
type drawnLink struct {
	link
	from, to *node
	slot     int
}

// columns builds the nodes of the three columns, and what is between them.
type columns struct {
	callers, names, servers []*node
	index                   map[string]*node
	left                    [][2]*node // from callers to names
	joined                  map[[2]*node]bool
	right                   []*drawnLink
}

// draw lays links out. Columns beside the names are ordered by the mean of what they lead to, which keeps lines apart.
func draw(links []link) picture {
	c := &columns{index: map[string]*node{}, joined: map[[2]*node]bool{}}
	for _, l := range links {
		c.add(l)
	}
	p := picture{Width: 2*pictureEdge + callerWidth + callerSpace + nameWidth + labelSpace + serverWidth}
	nameX := pictureEdge + callerWidth + callerSpace
	serverX := nameX + nameWidth + labelSpace
	for i, n := range c.names {
		n.mean = float64(i)
	}
	orderByMeans(c)
	for _, n := range slices.Concat(c.names, c.servers) {
		n.slots = len(n.links)
	}
	end := max(place(c.names, nameX, nameWidth, "name", nil), headHeight)
	end = max(end, place(c.servers, serverX, serverWidth, "server", c.arrivals()))
	end = max(end, place(c.callers, pictureEdge, callerWidth, "caller", c.departures()))
	p.Height = end + pictureEdge
	p.Heads = []pictureHead{{pictureEdge, "may call"}, {nameX, "under the name"}, {serverX, "external server"}}
	for _, n := range slices.Concat(c.callers, c.names, c.servers) {
		p.Boxes = append(p.Boxes, n.box)
	}
	p.Lines = c.lines()
	return p
}

// add adds a link, and the nodes that are new.
func (c *columns) add(l link) {
	name := c.node(&c.names, "name", l.name, l.nameNote)
	server := c.node(&c.servers, "server", l.server, l.serverNote)
	drawn := &drawnLink{link: l, from: name, to: server, slot: len(name.links)}
	name.links, server.links = append(name.links, drawn), append(server.links, drawn)
	c.right = append(c.right, drawn)
	for _, who := range l.callers {
		caller := c.node(&c.callers, "caller", callerName(who), "")
		between := [2]*node{caller, name}
		if !c.joined[between] {
			c.joined[between] = true
			c.left = append(c.left, between)
		}
	}
}

func (c *columns) node(column *[]*node, kind, text, note string) *node {
	key := strings.Join([]string{kind, text, note}, "\x00")
	n := c.index[key]
	if n == nil {
		n = &node{text: text, note: note, slots: 1}
		c.index[key] = n
		*column = append(*column, n)
	}
	return n
}

func orderByMeans(c *columns) {
	sums, counts := map[*node]float64{}, map[*node]float64{}
	add := func(n, name *node) {
		sums[n] += name.mean
		counts[n]++
	}
	for _, l := range c.right {
		add(l.to, l.from)
	}
	for _, between := range c.left {
		add(between[0], between[1])
	}
	for n := range sums {
		n.mean = sums[n] / counts[n]
	}
	byMean := func(a, b *node) int {
		switch {
		case a.mean < b.mean:
			return -1
		case a.mean > b.mean:
			return 1
		}
		return strings.Compare(a.text+a.note, b.text+b.note)
	}
	slices.SortStableFunc(c.servers, byMean)
	slices.SortStableFunc(c.callers, byMean)
}

func (n *node) height() int { return boxHeight + (n.slots-1)*lineGap }

// arrivals are the heights that the lines to each server come from.
func (c *columns) arrivals() map[*node][]int {
	heights := map[*node][]int{}
	for _, l := range c.right {
		heights[l.to] = append(heights[l.to], l.height())
	}
	return heights
}

// departures are the heights of the names that each caller calls.
func (c *columns) departures() map[*node][]int {
	heights := map[*node][]int{}
	for _, between := range c.left {
		heights[between[0]] = append(heights[between[0]], between[1].box.Y+between[1].box.H/2)
	}
	return heights
}

// height is where a line leaves its name.
func (l *drawnLink) height() int { return l.from.box.Y + boxHeight/2 + l.slot*lineGap }

// place gives the boxes of a column their places, from above, each as near to the middle of some heights as those before
// it allow. It returns where the column ends.
func place(column []*node, x, width int, class string, near map[*node][]int) int {
	y := headHeight
	for _, n := range column {
		if heights := near[n]; len(heights) > 0 {
			sum := 0
			for _, height := range heights {
				sum += height
			}
			y = max(y, sum/len(heights)-n.height()/2)
		}
		n.box = newBox(n, x, y, width, class)
		y += n.height() + boxGap
	}
	return y
}

func newBox(n *node, x, y, width int, class string) pictureBox {
	space := width - 24
	note := cut(n.note, noteLetters)
	if note != "" {
		space -= int(float64(utf8.RuneCountInString(note))*noteWidth) + 8
	}
	return pictureBox{
		X: x, Y: y, W: width, H: n.height(), Class: class, Text: cut(n.text, int(float64(space)/letterWidth)), Note: note,
		Whole: n.text, TextY: y + n.height()/2 + 5, NoteX: x + width - 12,
	}
}

// cut shortens a text in its middle, as hosts differ at their beginnings and their ends.
func cut(text string, letters int) string {
	runes := []rune(inOneLine(text))
	if len(runes) <= letters {
		return string(runes)
	}
	tail := (letters - 1) / 2
	return string(runes[:letters-1-tail]) + "…" + string(runes[len(runes)-tail:])
}

// lines draws the links: parallel ones at a distance, with a label each.
func (c *columns) lines() []pictureLine {
	var lines []pictureLine
	for _, between := range c.left {
		from, to := between[0].box, between[1].box
		lines = append(lines, pictureLine{Path: curve(from.X+from.W, from.Y+from.H/2, to.X, to.Y+to.H/2)})
	}
	for _, l := range c.right {
		from, to := l.from.box, l.to.box
		y := l.height()
		line := pictureLine{
			Path:  curve(from.X+from.W, y, to.X-6, l.arrival()),
			Grade: l.grade, Label: gradeWord(l.grade), LabelX: from.X + from.W + 8, LabelY: y - 6,
		}
		if l.label != "" { // of which the grade is not cut
			line.Whole = inOneLine(l.label + ": " + line.Label)
			line.Label = cut(l.label, labelLetters-2-utf8.RuneCountInString(line.Label)) + ": " + line.Label
		}
		lines = append(lines, line)
	}
	return lines
}

// arrival is the height at which a line ends: those to one box keep the distance at which they began.
func (l *drawnLink) arrival() int {
	return l.to.box.Y + boxHeight/2 + slices.Index(l.to.links, l)*lineGap
}

func curve(x1, y1, x2, y2 int) string {
	middle := (x1 + x2) / 2
	return fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, middle, y1, middle, y2, x2, y2)
}
