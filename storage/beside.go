package storage

import (
	"cmp"
	"context"

	"github.com/redis/go-redis/v9"
)

// CommitBeside is Commit, with an op in the same pipeline, behind it. The op may belong
// to another id, and is sent with every try, until Redis has carried it out. It is carried
// out whether the commit is ok or not, and whatever becomes of it changes nothing for the
// commit: failure says why it may not have been carried out.
//
// In a Cluster the op may be on another node, which need not be there: use Commit, and
// send the op on its own.
func (s *Store) CommitBeside(ctx context.Context, op Op, failure *error, writes ...Write) (ok bool, err error) {
	all, err := commitment(writes)
	if err != nil {
		return false, err
	}
	pending := true
	return insist(ctx, "commit", func(ctx context.Context) (*redis.Cmd, error) {
		command := redis.NewCmd(ctx, all...)
		if !pending {
			return command, s.redis.Process(ctx, once{command})
		}
		beside, wrong := op.command(ctx)
		if *failure = wrong; wrong != nil {
			pending = false // it never can be
			return command, s.redis.Process(ctx, once{command})
		}
		err := s.exec(ctx, once{command}, beside)
		if command.Val() == nil { // go-redis tells no command so where Redis refuses the connection
			return command, cmp.Or(command.Err(), err)
		}
		*failure = carriedOut(op, beside)
		pending = *failure != nil
		return command, nil
	})
}

// carriedOut says why an op, of which this was the command, may not have been carried out.
func carriedOut(op Op, command redis.Cmder) error {
	if err := errorOf(command); err != nil {
		return unavailable("beside a commit", err)
	}
	return op.settle()
}

// Insist does one op that may be done any number of times, until Redis has carried it out
// or ctx ends. It repeats itself as Commit does.
func (s *Store) Insist(ctx context.Context, op Op) error {
	_, err := insist(ctx, "insist", func(ctx context.Context) (*redis.Cmd, error) {
		done := redis.NewCmd(ctx)
		done.SetVal(int64(1))
		return done, s.pipeline(ctx, []Op{op})
	})
	if err != nil {
		return err
	}
	return op.settle()
}
