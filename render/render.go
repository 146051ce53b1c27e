package render

// Render renders the chart. The values are not changed; they are the user's alone, without the chart's defaults.
//
// Values that the chart refuses are a [*RefusedError]. Other errors are of the options.
func (c *Chart) Render(values map[string]any, o Options) (*Result, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, err
	}
	if c.fast != nil {
		if result, err := c.fast.render(values, release); err == nil {
			return result, nil
		}
	}
	return c.helm.renderWithHelm(values, release)
}
