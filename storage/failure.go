package storage

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/redis/go-redis/v9"
)

// ErrUnavailable is wrapped by every error that Redis, or the way to it, is the
// cause of. What was asked for may have happened or not.
var ErrUnavailable = errors.New("redis is unavailable")

// failed names the operation at the border.
func failed(operation string, err error) error {
	return fmt.Errorf("storage: %s: %w", operation, err)
}

// unavailable is failed for what Redis, or the way to it, did.
func unavailable(operation string, err error) error {
	return fmt.Errorf("storage: %s: %w: %w", operation, ErrUnavailable, muted(err))
}

// muted cuts what Redis repeats of a command that it does not know: arguments are
// keys and, while a connection is made, the password.
func muted(err error) error {
	if !isReply(err) {
		return err
	}
	if text, _, cut := strings.Cut(err.Error(), ", with args"); cut {
		return answered(text)
	}
	return err
}

// answered is an error that Redis answered with, as far as it may be repeated.
type answered string

func (a answered) Error() string { return string(a) }

// RedisError makes it a redis.Error.
func (answered) RedisError() {}

// isReply reports whether Redis itself answered with this error.
func isReply(err error) bool {
	var reply redis.Error
	return errors.As(err, &reply)
}

// worthAgain reports whether what is safe to be sent twice should be: the way to
// Redis broke. Where no connection was free for us, another wait only adds to it.
func worthAgain(err error) bool {
	return err != nil && !isReply(err) && !errors.Is(err, redis.ErrPoolTimeout)
}

// mayHaveRun reports whether Redis may have got what failed with this error: it was
// sent. It was not where there was no connection to send it on.
func mayHaveRun(err error) bool {
	if err == nil || errors.Is(err, redis.ErrPoolTimeout) {
		return false
	}
	var connecting *net.OpError
	return !errors.As(err, &connecting) || connecting.Op != "dial"
}
