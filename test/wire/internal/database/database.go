// Package database speaks the protocols of databases as far as their first messages go: what a client sends first, and what a
// server answers. Proxies look at no more than that.
package database

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Protocol is the protocol of a database. The client's first message holds a token, and the server's answer does too.
type Protocol struct {
	// Greeting is what the server sends before the client has said anything; nil where the client speaks first.
	Greeting []byte
	// Ask makes the client's message, and Answer the server's.
	Ask, Answer func(token string) []byte
	// Read reads the client's message and returns its token.
	Read func(*bufio.Reader) (token string, err error)
}

// Protocols are those that Istio knows by a port's name.
var Protocols = map[string]Protocol{
	"mongo": {Ask: mongoQuery, Answer: mongoReply, Read: readMongo},
	"mysql": {Greeting: mysqlPacket(0, mysqlHandshake), Ask: mysqlLogin, Answer: mysqlOK, Read: readMySQL},
	"redis": {Ask: redisEcho, Answer: redisString, Read: readRedis},
}

func redisEcho(token string) []byte {
	return append([]byte("*2\r\n$4\r\nECHO\r\n"), redisString(token)...)
}

func redisString(token string) []byte { return fmt.Appendf(nil, "$%d\r\n%s\r\n", len(token), token) }

// readRedis reads an array of strings, and returns the last.
func readRedis(r *bufio.Reader) (token string, err error) {
	count, err := redisNumber(r, '*')
	for i := 0; err == nil && i < count; i++ {
		token, err = readRedisString(r)
	}
	return token, err
}

func readRedisString(r *bufio.Reader) (string, error) {
	length, err := redisNumber(r, '$')
	if err != nil {
		return "", err
	}
	text := make([]byte, length+len("\r\n"))
	_, err = io.ReadFull(r, text)
	return string(text[:length]), err
}

func redisNumber(r *bufio.Reader, kind byte) (int, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return 0, err
	}
	digits, found := strings.CutPrefix(strings.TrimSpace(line), string(kind))
	number, err := strconv.Atoi(digits)
	if !found || err != nil || number < 0 || number > longest {
		return 0, fmt.Errorf("%q is no length of Redis", line)
	}
	return number, nil
}

// longest is the longest message that is read, in bytes.
const longest = 1 << 16

// The operations of MongoDB with which every driver opens a connection: servers say with them whether they know newer ones.
const (
	mongoOpQuery = 2004
	mongoOpReply = 1
)

func mongoQuery(token string) []byte {
	body := append(binary.LittleEndian.AppendUint32(nil, 0), "admin.$cmd\x00"...)
	body = binary.LittleEndian.AppendUint32(body, 0)          // skip none
	body = binary.LittleEndian.AppendUint32(body, 0xffffffff) // return one
	return mongoMessage(mongoOpQuery, append(body, mongoDocument("isMaster", token)...))
}

func mongoReply(token string) []byte {
	body := binary.LittleEndian.AppendUint32(nil, 8) // flags
	body = append(body, make([]byte, 12)...)         // cursor, first document
	body = binary.LittleEndian.AppendUint32(body, 1)
	return mongoMessage(mongoOpReply, append(body, mongoDocument("ok", token)...))
}

func mongoMessage(operation uint32, body []byte) []byte {
	const head = 16
	message := binary.LittleEndian.AppendUint32(nil, uint32(head+len(body)))
	message = append(message, make([]byte, 8)...) // ids of request and response
	return append(binary.LittleEndian.AppendUint32(message, operation), body...)
}

// mongoDocument is the BSON of {field: 1, comment: token}.
func mongoDocument(field, token string) []byte {
	elements := binary.LittleEndian.AppendUint32(append([]byte{0x10}, field+"\x00"...), 1)
	elements = append(append(elements, 0x02), mongoComment...)
	elements = binary.LittleEndian.AppendUint32(elements, uint32(len(token)+1))
	elements = append(elements, token+"\x00\x00"...)
	return append(binary.LittleEndian.AppendUint32(nil, uint32(4+len(elements))), elements...)
}

const mongoComment = "comment\x00"

func readMongo(r *bufio.Reader) (string, error) {
	head, err := r.Peek(4)
	if err != nil {
		return "", err
	}
	length := binary.LittleEndian.Uint32(head)
	if length < 4 || length > longest {
		return "", fmt.Errorf("%d bytes are no message of MongoDB", length)
	}
	message := make([]byte, length)
	if _, err := io.ReadFull(r, message); err != nil {
		return "", err
	}
	_, comment, found := strings.Cut(string(message), mongoComment)
	if !found || len(comment) < 4 {
		return "", errors.New("a query of MongoDB without a comment")
	}
	token, _, _ := strings.Cut(comment[4:], "\x00")
	return token, nil
}

// mysqlHandshake is that of protocol 10: version, thread, what the server can do, and what passwords are mixed with.
const mysqlHandshake = "\x0a" + "8.4.0\x00" + "\x01\x00\x00\x00" + "12345678\x00" + "\xff\xf7" + "\xff" + "\x02\x00" + "\xff\xdf" + "\x15" +
	"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00" + "123456789012\x00" + "caching_sha2_password\x00"

func mysqlPacket(sequence byte, body string) []byte {
	packet := binary.LittleEndian.AppendUint32(nil, uint32(len(body)))
	packet[3] = sequence
	return append(packet, body...)
}

// mysqlLogin is a login of protocol 4.1 with the token as the user, and no password.
func mysqlLogin(token string) []byte {
	return mysqlPacket(1, "\x85\xa6\xff\x01"+"\x00\x00\x00\x01"+"\xff"+strings.Repeat("\x00", 23)+token+"\x00\x00")
}

func mysqlOK(token string) []byte { return mysqlPacket(2, "\x00\x00\x00\x02\x00\x00\x00"+token) }

func readMySQL(r *bufio.Reader) (string, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return "", err
	}
	head[3] = 0
	const beforeUser = 32
	body := make([]byte, binary.LittleEndian.Uint32(head))
	if len(body) <= beforeUser {
		return "", fmt.Errorf("%d bytes are no login of MySQL", len(body))
	}
	if _, err := io.ReadFull(r, body); err != nil {
		return "", err
	}
	token, _, _ := strings.Cut(string(body[beforeUser:]), "\x00")
	return token, nil
}
