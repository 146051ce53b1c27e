package words_test

import (
	"testing"

	"github.com/istio-egress/istio-egress/internal/words"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 errors", 1: "1 error", 2: "2 errors"} {
		if got := words.Count(n, "error"); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestList(t *testing.T) {
	for want, list := range map[string][]string{"": nil, "a": {"a"}, "a or b": {"a", "b"}, "a, b or c": {"a", "b", "c"}} {
		if got := words.List(list, "or"); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	candidates := []string{"ports", "port", "tls", "targetPort"}
	for word, want := range map[string]string{
		"prots": "ports", "Port": "port", "tsl": "tls", "target_port": "targetPort", "name": "", "x": "",
		"targetPorttargetPorttargetPorttargetPorttargetPorttargetPorttargetPort": "",
	} {
		got, found := words.Nearest(word, candidates)
		if got != want || found != (want != "") {
			t.Errorf("%q: %q, %t, want %q", word, got, found, want)
		}
	}
}
