package browser

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// View is how a page is looked at.
type View struct {
	Width, Height int
	Dark, Print   bool
}

// Page is an open page.
type Page struct {
	browser *Browser
	session string
	target  string
	first   int // event of this page
}

// Open opens a page and waits until it is loaded.
func (b *Browser) Open(url string, v View) (*Page, error) {
	var created struct{ TargetID string }
	if err := b.ask("", "Target.createTarget", map[string]any{"url": "about:blank"}, &created); err != nil {
		return nil, err
	}
	var attached struct{ SessionID string }
	if err := b.ask("", "Target.attachToTarget", map[string]any{"targetId": created.TargetID, "flatten": true}, &attached); err != nil {
		return nil, err
	}
	p := &Page{browser: b, session: attached.SessionID, target: created.TargetID, first: len(b.events)}
	media, scheme := "screen", "light"
	if v.Print {
		media = "print"
	}
	if v.Dark {
		scheme = "dark"
	}
	for _, step := range []struct {
		method string
		params any
	}{
		{"Page.enable", nil}, {"Network.enable", nil}, {"Log.enable", nil}, {"Runtime.enable", nil},
		{"Emulation.setDeviceMetricsOverride", map[string]any{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": false}},
		{"Emulation.setEmulatedMedia", map[string]any{"media": media, "features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}},
		{"Page.navigate", map[string]any{"url": url}},
	} {
		if _, err := b.call(p.session, step.method, step.params); err != nil {
			return nil, err
		}
	}
	return p, b.wait(p.session, "Page.loadEventFired")
}

func (b *Browser) ask(session, method string, params, into any) error {
	data, err := b.call(session, method, params)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// Close closes the page.
func (p *Page) Close() error {
	_, err := p.browser.call("", "Target.closeTarget", map[string]any{"targetId": p.target})
	return err
}

// Evaluate returns the value of a JavaScript expression in the page. The page's own policy does not bind it.
func (p *Page) Evaluate(expression string, into any) error {
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct{ Text string }
	}
	if err := p.browser.ask(p.session, "Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &got); err != nil {
		return err
	}
	if got.ExceptionDetails != nil {
		return fmt.Errorf("%s: %s", expression, got.ExceptionDetails.Text)
	}
	return json.Unmarshal(got.Result.Value, into)
}

// Screenshot returns a picture of the whole page, as PNG.
func (p *Page) Screenshot() ([]byte, error) {
	var metrics struct {
		CSSContentSize struct{ Width, Height float64 } `json:"cssContentSize"`
	}
	if err := p.browser.ask(p.session, "Page.getLayoutMetrics", nil, &metrics); err != nil {
		return nil, err
	}
	const most = 8000 // pixels
	var got struct{ Data []byte }
	err := p.browser.ask(p.session, "Page.captureScreenshot", map[string]any{
		"format": "png", "captureBeyondViewport": true,
		"clip": map[string]any{"x": 0, "y": 0, "width": metrics.CSSContentSize.Width, "height": math.Min(metrics.CSSContentSize.Height, most), "scale": 1},
	}, &got)
	return got.Data, err
}

// PDF returns the page as it is printed on paper of A4.
func (p *Page) PDF() ([]byte, error) {
	var got struct{ Data []byte }
	err := p.browser.ask(p.session, "Page.printToPDF", map[string]any{"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": true, "preferCSSPageSize": false}, &got)
	return got.Data, err
}

// Requests are the addresses that the page asked for, itself first.
func (p *Page) Requests() ([]string, error) {
	var urls []string
	for _, event := range p.browser.events[p.first:] {
		if event.SessionID != p.session || event.Method != "Network.requestWillBeSent" {
			continue
		}
		var sent struct{ Request struct{ URL string } }
		if err := json.Unmarshal(event.Params, &sent); err != nil {
			return nil, err
		}
		urls = append(urls, sent.Request.URL)
	}
	return urls, nil
}

// Complaints are what the browser logs about the page, such as what its policy forbids.
func (p *Page) Complaints() []string {
	var all []string
	for _, event := range p.browser.events[p.first:] {
		if event.SessionID == p.session && (strings.HasPrefix(event.Method, "Log.entryAdded") || event.Method == "Runtime.exceptionThrown") {
			all = append(all, string(event.Params))
		}
	}
	return all
}
