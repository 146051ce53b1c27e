package server

import (
	"io"
	"net"
	"sync"
)

// passOn passes a connection between pods on, and records its first bytes.
func (o *Outside) passOn(c *connection) {
	opened, err := o.network.Dial(o.ctx, c.seen.Address.String())
	if err != nil {
		c.reset()
		return
	}
	other := opened.(*net.TCPConn)
	var copying sync.WaitGroup
	copying.Go(func() {
		o.addHop(c)
		_, _ = io.Copy(other, c.reader)
		_ = other.CloseWrite()
	})
	copying.Go(func() {
		_, _ = io.Copy(c.raw, other)
		_ = c.raw.CloseWrite()
	})
	copying.Wait()
	_ = other.Close()
	_ = c.Close()
}

// addHop waits for the first bytes, and leaves them to be read.
func (o *Outside) addHop(c *connection) {
	first, err := c.reader.Peek(1)
	if err != nil {
		return
	}
	if first[0] == recordType {
		c.seen.TLS = &TLS{}
	}
	first, _ = c.reader.Peek(min(c.reader.Buffered(), firstBytes))
	hop := c.seen
	hop.Kind, hop.First = Hop, append([]byte(nil), first...)
	o.add(hop)
}
