package storage

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

// Forgiving makes an op's failure one of its own, where its part of a Cluster is not
// there while others are: then Do does not fail, and the error is in failure. Where
// nothing at all of a pipeline is answered, Do fails as always.
func Forgiving(op Op, failure *error) Op { return &forgiving{op: op, failure: failure} }

// Aside is forgiving for an op that concerns nobody else: whatever Redis says of it, also
// that it refuses it, Do does not fail for that, and tells it.
func Aside(op Op, told func(error)) Op {
	f := &forgiving{op: op, told: told}
	f.failure = &f.own
	return f
}

type forgiving struct {
	op      Op
	failure *error
	told    func(error) // not nil: forgives everything
	own     error       // the failure, where nobody else has a place for it
}

func (f *forgiving) command(ctx context.Context) (redis.Cmder, error) {
	*f.failure = nil
	return f.op.command(ctx)
}

func (f *forgiving) settle() error {
	if *f.failure == nil {
		err := f.op.settle()
		if err == nil || f.told == nil {
			return err
		}
		*f.failure = err
	}
	if f.told != nil {
		f.told(*f.failure)
	}
	return nil // who asked for it has the error
}

// forgives keeps an error to itself, if it is of the kind.
func (f *forgiving) forgives(err error) bool {
	if f.told == nil && !isGone(err) {
		return false
	}
	*f.failure = unavailable("do", err)
	return true
}

// isGone reports whether nobody is there for a slot of a Cluster: no connection, no
// answer, or a node that says so. Whoever refuses a command is there.
func isGone(err error) bool {
	return !isReply(err) || redis.IsClusterDownError(err) || redis.IsMasterDownError(err) || redis.IsLoadingError(err)
}

// verdict is the error of a pipeline that has failed with err; nil: all is well, or
// forgiven.
func verdict(ops []Op, commands []redis.Cmder, err error) error {
	told, forgiven := false, 0
	for i, op := range ops {
		failure := errorOf(commands[i])
		if failure == nil {
			continue
		}
		if f, ok := op.(*forgiving); !ok || !f.forgives(failure) {
			return unavailable("do", failure)
		}
		told, forgiven = true, forgiven+1
		err = failure
	}
	if forgiven == len(ops) || !told && !errors.Is(err, redis.Nil) {
		// Nobody answered; or Redis refused the connection: go-redis tells no command so.
		return unavailable("do", err)
	}
	return nil
}

// errorOf is a command's error, if it is more than "not there".
func errorOf(c redis.Cmder) error {
	if err := c.Err(); !errors.Is(err, redis.Nil) {
		return err
	}
	return nil
}
