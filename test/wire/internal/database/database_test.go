package database

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestServersReadWhatClientsAsk(t *testing.T) {
	for name, protocol := range Protocols {
		token, err := protocol.Read(bufio.NewReader(bytes.NewReader(protocol.Ask("token-7"))))
		require.NoError(t, err, name)
		assert.Equal(t, "token-7", token, name)
		assert.Contains(t, string(protocol.Answer("token-7")), "token-7", name)

		_, err = protocol.Read(bufio.NewReader(bytes.NewReader([]byte("GET / HTTP/1.1\r\nHost: a\r\n\r\n"))))
		assert.Error(t, err, name)
	}
}

// The lengths in the messages are those of the messages.
func TestMessages(t *testing.T) {
	assert.Equal(t, "*2\r\n$4\r\nECHO\r\n$7\r\ntoken-7\r\n", string(redisEcho("token-7")))
	query := mongoQuery("token-7")
	assert.Equal(t, len(query), int(query[0]))
	assert.Equal(t, "\xd4\x07\x00\x00", string(query[12:16]), "OP_QUERY")
	greeting := Protocols["mysql"].Greeting
	assert.Equal(t, len(greeting)-4, int(greeting[0]))
	assert.Equal(t, byte(10), greeting[4], "version of the protocol")
}
