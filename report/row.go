package report

import (
	"cmp"
	"net"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
)

// Row is a server and its port, as one group of workloads calls it.
type Row struct {
	// Destination is the external host; for static addresses the name in the server's certificate, else the first address.
	Destination string `json:"destination"`
	// Addresses are the server's, as far as they are declared.
	Addresses []string `json:"addresses,omitempty"`
	// Port is the server's.
	Port int `json:"port"`
	// Protocol is Istio's name of it: HTTP, HTTP2, GRPC, GRPC-Web, HTTPS, TLS, TCP, Mongo, MySQL or Redis.
	Protocol string `json:"protocol,omitempty"`
	// Names are what workloads call, such as my-httpbin.default:80.
	Names []string `json:"names,omitempty"`
	// Namespaces are those whose workloads may call; "*" alone for all.
	Namespaces []string `json:"namespaces,omitempty"`
	// Workloads are the labels of those whom the row is about, as app=checkout,tier=web; empty for all that no other row names.
	Workloads string `json:"workloads,omitempty"`
	// AllowFrom is who may call, where a gateway or a waypoint enforces it.
	AllowFrom *AllowFrom `json:"allowFrom,omitempty"`
	// Through is the egress gateway, as namespace/name; empty for direct calls.
	Through string `json:"through,omitempty"`
	// DataPlane is what the callers have; empty for sidecars.
	DataPlane egress.DataPlane `json:"dataPlane,omitempty"`
	// Waypoint is what calls of ambient pods pass, as namespace/name; empty for none.
	Waypoint string `json:"waypoint,omitempty"`
	// Form is open or closed; empty for hosts that are called by their own names.
	Form egress.Form `json:"form,omitempty"`
	// Grade is how well the way is protected.
	Grade egress.Grade `json:"grade"`
	// SNI, Verifies, CA and Certificate are of the TLS that the mesh originates; the latter two as [egress.Way] writes them.
	SNI         string   `json:"sni,omitempty"`
	Verifies    []string `json:"verifies,omitempty"`
	CA          string   `json:"ca,omitempty"`
	Certificate string   `json:"certificate,omitempty"`
	// Host is the Host header that the server gets; empty for the one that the workload sends.
	Host string `json:"host,omitempty"`
	// Release is set where there are several.
	Release string `json:"release,omitempty"`
	Place

	// Ways are what the row is made of: one for each of Names, in their order.
	Ways []egress.Way `json:"-"`
	// ofOthers tells that other rows are about the rest of the workloads.
	ofOthers bool
}

// AllowFrom is who may call: workloads of one of the namespaces, and those with one of the service accounts.
type AllowFrom struct {
	Namespaces      []string `json:"namespaces,omitempty"`
	ServiceAccounts []string `json:"serviceAccounts,omitempty"` // as namespace/name
}

// Rows returns the inventory of declarations, the worst grades first.
func Rows(declarations ...*Declaration) []Row {
	rows := []Row{}
	for _, d := range declarations {
		rows = append(rows, d.rows()...)
	}
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(
			a.Grade.Rank()-b.Grade.Rank(), strings.Compare(a.Destination, b.Destination), a.Port-b.Port,
			slices.Compare(a.Names, b.Names), strings.Compare(a.Workloads, b.Workloads), strings.Compare(a.Release, b.Release),
		)
	})
	return rows
}

// rowKey is what all names of a row have in common.
type rowKey struct {
	to        *egress.DestinationPort
	rule      *egress.Rule
	form      egress.Form
	through   string
	waypoint  string
	allowFrom *egress.AllowFrom
	host      string
}

func (d *Declaration) rows() []Row {
	var rows []Row
	index := map[rowKey]int{}
	for _, way := range d.Model.Ways() {
		key := rowKey{way.To, way.Rule, way.Form(), way.Through(), way.Waypoint(), way.AllowFrom(), ""}
		if way.Port != nil {
			key.host = way.Port.Host
		}
		i, known := index[key]
		if !known {
			i = len(rows)
			index[key] = i
			rows = append(rows, d.newRow(way))
		}
		rows[i].Ways = append(rows[i].Ways, way)
	}
	for i := range rows {
		rows[i] = rows[i].named()
	}
	return withoutRepetitions(rows)
}

// withoutRepetitions leaves out rows of workloads with labels that say what the row of all others says: of a port without TLS, on
// an entry whose other ports have a client certificate for some.
func withoutRepetitions(rows []Row) []Row {
	general := map[*egress.DestinationPort][]Row{}
	for _, row := range rows {
		if row.Workloads == "" {
			general[row.Ways[0].To] = append(general[row.Ways[0].To], row)
		}
	}
	kept := slices.DeleteFunc(rows, func(row Row) bool {
		return row.Workloads != "" && row.repeats(general[row.Ways[0].To])
	})
	selected := map[*egress.DestinationPort]bool{}
	for _, row := range kept {
		selected[row.Ways[0].To] = selected[row.Ways[0].To] || row.Workloads != ""
	}
	for i := range kept {
		kept[i].ofOthers = kept[i].Workloads == "" && selected[kept[i].Ways[0].To]
	}
	return kept
}

// repeats tells whether the row says of some workloads what those of all others say in the same namespaces.
// Objects declare them in two places.
func (r Row) repeats(general []Row) bool {
	repeated := false
	for _, other := range general {
		if !slices.Equal(r.Names, other.Names) || !other.covers(r.Namespaces) {
			continue
		}
		r.Workloads, r.Namespaces, r.Ways, r.Place = other.Workloads, other.Namespaces, other.Ways, other.Place
		if !reflect.DeepEqual(r, other) {
			return false
		}
		repeated = true
	}
	return repeated
}

// covers tells whether the row is about all of the namespaces.
func (r Row) covers(namespaces []string) bool {
	return slices.Contains(r.Namespaces, "*") || !slices.ContainsFunc(namespaces, func(n string) bool { return !slices.Contains(r.Namespaces, n) })
}

// named has the ways ordered by their names, and the names.
func (r Row) named() Row {
	slices.SortStableFunc(r.Ways, func(a, b egress.Way) int { return strings.Compare(a.Name(), b.Name()) })
	for _, way := range r.Ways {
		r.Names = append(r.Names, way.Name())
	}
	return r
}

func (d *Declaration) newRow(way egress.Way) Row {
	row := Row{
		Destination: way.To.Destination.Name(), Addresses: way.To.Destination.Addresses, Port: way.To.TargetPort,
		Protocol: string(way.To.Protocol), Namespaces: way.Namespaces(), Workloads: way.Workloads(),
		Through: way.Through(), Waypoint: way.Waypoint(), Form: way.Form(), Grade: way.Grade(),
		SNI: way.TLS().GetSni(), Verifies: way.Verifies(), CA: way.CA(), Certificate: way.Certificate(),
		Release: d.Release, Place: d.place(egress.Site{Path: entryPath(way), Way: &way}),
	}
	if allow := way.AllowFrom(); allow != nil {
		row.AllowFrom = &AllowFrom{allow.Namespaces, allow.ServiceAccounts}
	}
	if way.Port != nil {
		row.Host = way.Port.Host
	}
	if d.Model.DataPlane != egress.DataPlaneSidecar {
		row.DataPlane = d.Model.DataPlane
	}
	return row
}

// String says the row in a line: "httpbin.org:443 as my-httpbin.shop:80: TLS, verified".
func (r Row) String() string {
	text := r.server() + " as " + strings.Join(r.Names, ", ") + ": " + r.Grade.Words()
	if who := r.workloads(); who != "" {
		text += ", for " + who
	}
	return text
}

// server is the server with its port, as httpbin.org:443.
func (r Row) server() string { return net.JoinHostPort(r.Destination, strconv.Itoa(r.Port)) }

// otherAddresses are the addresses, but for a single one by which the row is called.
func (r Row) otherAddresses() []string {
	if slices.Equal(r.Addresses, []string{r.Destination}) {
		return nil
	}
	return r.Addresses
}

// otherSNI is the SNI, but for one that is the verified name.
func (r Row) otherSNI() string {
	if slices.Equal(r.Verifies, []string{r.SNI}) {
		return ""
	}
	return r.SNI
}

// workloads names those whom the row is about, in words.
func (r Row) workloads() string {
	if r.ofOthers {
		return "all others"
	}
	return r.Workloads
}

// accepted says whom the mesh takes for the server where it verifies no name; empty where it does, or encrypts nothing.
func (r Row) accepted() string {
	switch {
	case r.Grade != egress.Unverified:
		return ""
	case r.CA == "":
		return "any certificate is accepted"
	}
	return "any name is accepted, against " + r.CA
}

// entryPath is that of the entry whose settings count: of several names of a host, the one that says so.
func entryPath(way egress.Way) string {
	if way.Rule.TLS != nil {
		for _, service := range way.To.Destination.Services {
			if strings.HasPrefix(way.Rule.TLS.Path, service.Path+".") {
				return service.Path
			}
		}
	}
	if way.Port != nil {
		return way.Port.Service.Path
	}
	return way.To.Destination.Path
}
