package egress

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	networking "istio.io/api/networking/v1"
)

// server compares where calls go.
func (c *comparison) server() {
	was, is := c.was.ways[0], c.is.ways[0]
	if from, to := was.host(), is.host(); from != to && c.was.name == c.is.name {
		c.add(Changed, atEntry, "full name: %s -> %s", from, to)
	}
	if from, to := was.To.TargetPort, is.To.TargetPort; from != to {
		c.add(Changed, atPort, "the server's port: %d -> %d", from, to)
	}
	if from, to := was.To.Protocol, is.To.Protocol; from != to {
		c.add(Changed, atPort, "protocol: %s -> %s", from, to)
	}
	if was.Form() != is.Form() && is.To.Destination.Server != "" { // the closed form knows no addresses of a host
		return
	}
	from, to := was.To.Destination.Addresses, is.To.Destination.Addresses
	if slices.Equal(from, to) {
		return
	}
	more, less := without(to, from), without(from, to)
	if len(more) > 0 {
		c.add(Wider, below(atEntry, "addresses"), "leads to the address %s%s", listText(more), asWell(len(less) == 0))
	}
	if len(less) > 0 {
		c.add(Narrower, below(atEntry, "addresses"), "no longer leads to the address %s", listText(less))
	}
}

// requests compares what is done with HTTP requests.
func (c *comparison) requests() {
	was, is := c.was.ways[0].Port, c.is.ways[0].Port
	if was == nil || is == nil {
		return
	}
	if was.Host != is.Host {
		c.add(Changed, below(atEntry, "rewriteHost"), "Host sent: %s -> %s", hostText(was.Host), hostText(is.Host))
	}
	if proto.Equal(was.Route, is.Route) {
		return
	}
	from, to := was.Route, is.Route
	if !proto.Equal(from.GetTimeout(), to.GetTimeout()) {
		c.add(Changed, below(atEntry, "timeout"), "timeout: %s -> %s", durationText(from.GetTimeout()), durationText(to.GetTimeout()))
	}
	if !proto.Equal(from.GetRetries(), to.GetRetries()) {
		c.add(Changed, below(atEntry, "retries"), "retries: %s -> %s", retriesText(from.GetRetries()), retriesText(to.GetRetries()))
	}
	if !proto.Equal(from.GetHeaders(), to.GetHeaders()) {
		c.add(Changed, below(atEntry, "keepMeshHeaders"), "headers: %s -> %s", headersText(from.GetHeaders()), headersText(to.GetHeaders()))
	}
}

func hostText(host string) string {
	if host == "" {
		return "as the workload sends it"
	}
	return host
}

func durationText(d *durationpb.Duration) string {
	if d == nil {
		return "Istio's default"
	}
	return d.AsDuration().String()
}

func retriesText(r *networking.HTTPRetry) string {
	if r == nil {
		return "Istio's default"
	}
	text := fmt.Sprintf("at most %d", r.GetAttempts())
	if r.GetPerTryTimeout() != nil {
		text += ", each for " + durationText(r.GetPerTryTimeout())
	}
	if r.GetRetryOn() != "" {
		text += ", on " + r.GetRetryOn()
	}
	return text
}

func headersText(headers *networking.Headers) string {
	switch remove := headers.GetRequest().GetRemove(); {
	case headers == nil:
		return "as they are"
	case len(remove) > 0 && len(headers.GetRequest().GetSet())+len(headers.GetRequest().GetAdd()) == 0 && headers.GetResponse() == nil:
		return "without " + listText(remove)
	}
	return shortText(headers)
}

// shortText writes settings, or says that there are some where they are long.
func shortText(message proto.Message) string {
	const most = 120
	if !message.ProtoReflect().IsValid() {
		return "Istio's default"
	}
	if text := settingsText(message); len(text) <= most {
		return text
	}
	return "others"
}
