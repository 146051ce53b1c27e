package output

import (
	"encoding/json"
	"io"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
)

// APIVersion is the version of the JSON documents. Within it fields are added, never renamed.
const APIVersion = "explain.istio-egress/v1"

type document struct {
	APIVersion string    `json:"apiVersion"`
	Istio      string    `json:"istio"`
	Call       call      `json:"call"`
	Verdict    string    `json:"verdict"`
	Upstream   []string  `json:"upstream"`
	Through    string    `json:"through,omitempty"` // the egress gateway or the waypoint, namespace/name
	TLS        tls       `json:"tls"`               // empty where the sidecar encrypts nothing
	Host       string    `json:"host"`
	Steps      []step    `json:"steps"`
	Ignored    []ignored `json:"ignored"`
	Warnings   []warning `json:"warnings"`
}

type call struct {
	From       string            `json:"from"` // namespace/key=value,...
	Account    string            `json:"serviceAccount,omitempty"`
	DataPlane  string            `json:"dataPlane,omitempty"` // ambient; none for sidecars
	To         string            `json:"to"`
	Address    string            `json:"address,omitempty"`
	ServerName string            `json:"sni,omitempty"`
	Method     string            `json:"method,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	NoSidecar  bool              `json:"noSidecar,omitempty"`
}

type tls struct {
	SNI         string   `json:"sni"`
	Verifies    []string `json:"verifies"`
	CA          string   `json:"ca"`
	Certificate string   `json:"certificate"`
}

type step struct {
	Stage  string   `json:"stage"`
	Text   string   `json:"text"`
	Detail string   `json:"detail,omitempty"`
	By     []object `json:"by"`
}

type object struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Flag      string `json:"flag,omitempty"`
	Path      string `json:"path"`
}

type ignored struct {
	object
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

type warning struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// JSON prints one object for one trace, and a list for several.
func JSON(w io.Writer, all []Explained) error {
	documents := make([]document, len(all))
	for i, e := range all {
		documents[i] = newDocument(e)
	}
	if len(documents) == 1 {
		return encode(w, documents[0])
	}
	return encode(w, documents)
}

func encode(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

func newDocument(e Explained) document {
	d := document{
		APIVersion: APIVersion, Istio: explain.IstioVersion, Call: newCall(e.Call), Verdict: string(e.Verdict),
		Upstream: notNil(e.Upstream), Through: e.Through, TLS: tls{Verifies: []string{}}, Host: e.Host, Steps: []step{}, Ignored: []ignored{}, Warnings: []warning{},
	}
	if e.TLS != nil {
		d.TLS = tls{e.TLS.SNI, notNil(e.TLS.Verifies), e.TLS.CA, e.TLS.Certificate}
	}
	for _, s := range e.Steps {
		by := []object{}
		for _, r := range s.By {
			by = append(by, newObject(r))
		}
		d.Steps = append(d.Steps, step{string(s.Stage), s.Text, s.Detail, by})
	}
	for _, i := range e.Ignored {
		d.Ignored = append(d.Ignored, ignored{newObject(i.Reference), string(i.Reason), i.Text})
	}
	for _, w := range e.Warnings {
		d.Warnings = append(d.Warnings, warning{w.ID, w.Text})
	}
	return d
}

// notNil makes an empty list of none, which readers need not tell apart.
func notNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func newCall(c explain.Call) call {
	d := call{
		From: c.From.String(), Account: c.From.ServiceAccount, To: c.URL, Address: c.Address, ServerName: c.ServerName, Method: c.Method,
		NoSidecar: c.NoSidecar,
	}
	if c.From.DataPlane == egress.DataPlaneAmbient {
		d.DataPlane = string(c.From.DataPlane)
	}
	for name := range c.Header {
		if d.Headers == nil {
			d.Headers = map[string]string{}
		}
		d.Headers[name] = c.Header.Get(name)
	}
	return d
}

func newObject(r explain.Reference) object {
	return object{r.Kind, r.Namespace, r.Name, r.Place.File, r.Place.Line, r.Place.Flag, r.Place.Path}
}

// JSONList prints a list, of one trace too.
func JSONList(w io.Writer, all []Explained) error {
	documents := make([]document, len(all))
	for i, e := range all {
		documents[i] = newDocument(e)
	}
	return encode(w, documents)
}
