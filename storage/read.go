package storage

import (
	"context"
	"errors"

	"github.com/redis/go-redis/v9"
)

var errReply = errors.New("redis gave a reply of another kind")

// Op is one thing that Do does, by one command: a read, a lease to acquire, something to count.
type Op interface {
	command(ctx context.Context) (redis.Cmder, error)
	settle() error // after all replies are in
}

// Do does all of it in one pipeline. The ops may belong to several ids. If the
// connection breaks, it is sent again once (a count may then count twice).
func (s *Store) Do(ctx context.Context, ops ...Op) error {
	if len(ops) == 0 {
		return nil
	}
	err := s.pipeline(ctx, ops)
	sent := mayHaveRun(err)
	if worthAgain(err) {
		err = s.pipeline(ctx, ops)
		sent = sent || mayHaveRun(err)
	}
	if err != nil {
		for _, op := range ops {
			if lease, ok := op.(*Lease); ok {
				lease.unsettle(sent)
			}
		}
		return err
	}
	var problems []error
	for _, op := range ops {
		if err := op.settle(); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (s *Store) pipeline(ctx context.Context, ops []Op) error {
	commands := make([]redis.Cmder, len(ops))
	for i, op := range ops {
		var err error
		if commands[i], err = op.command(ctx); err != nil {
			return err
		}
	}
	if err := s.exec(ctx, commands...); err != nil {
		return verdict(ops, commands, err)
	}
	return nil
}

// exec sends commands in one pipeline. That is empty before and afterwards, and serves again.
func (s *Store) exec(ctx context.Context, commands ...redis.Cmder) error {
	pipe, ok := s.pipes.Get().(redis.Pipeliner)
	if !ok {
		pipe = s.redis.Pipeline()
	}
	_ = pipe.BatchProcess(ctx, commands...) // what is queued tells later
	_, err := pipe.Exec(ctx)
	s.pipes.Put(pipe)
	return err
}

// twice runs a script that may run twice: once more if the connection breaks.
func (s *Store) twice(ctx context.Context, script string, keys []string, args ...any) (int, error) {
	command, err := s.askTwice(ctx, script, keys, args...)
	if err != nil {
		return 0, err
	}
	return command.Int()
}

// askTwice is twice for a script whose reply is more than a number.
func (s *Store) askTwice(ctx context.Context, script string, keys []string, args ...any) (*redis.Cmd, error) {
	command := evaluation(ctx, script, keys, args...)
	err := s.send(ctx, once{command})
	if worthAgain(err) {
		command = evaluation(ctx, script, keys, args...)
		err = s.send(ctx, once{command})
	}
	return command, err
}

// Read reads a record into dst.
func (b *Bucket[T]) Read(h Handle, dst *Record[T]) Op {
	return &reading[T]{bucket: b, handle: h, key: b.keyOf(h.id), dst: dst}
}

type reading[T any] struct {
	bucket *Bucket[T]
	handle Handle
	key    string
	words  [2]any
	dst    *Record[T]
	reply  *redis.StringCmd
}

func (r *reading[T]) command(ctx context.Context) (redis.Cmder, error) {
	if err := checkID(r.handle.id); err != nil {
		return nil, failed("read "+r.bucket.name, err)
	}
	r.words = [...]any{"get", &r.key}
	r.reply = redis.NewStringCmd(ctx, r.words[:]...)
	return r.reply, nil
}

func (r *reading[T]) settle() error {
	*r.dst = Record[T]{}
	text := r.reply.Val()
	raw, err := r.reply.Bytes()
	if err != nil {
		return nil //nolint:nilerr // not there: Do has seen to every other error
	}
	label, receipt, spent, err := r.bucket.store.keys.marker(r.bucket.name, r.handle, raw)
	if err != nil {
		return failed("read "+r.bucket.name, err)
	}
	if spent {
		*r.dst = Record[T]{Spent: true, Receipt: receipt, label: label}
		return nil
	}
	r.dst.OK, err = r.bucket.decode(r.handle, raw, &r.dst.Value)
	if err != nil {
		return failed("read "+r.bucket.name, err)
	}
	if r.dst.OK {
		r.dst.revision, r.dst.label = text[:headerSize], text[1:1+labelSize]
	}
	return nil
}

// State reads into dst what the record's first byte tells, for which no secret is
// needed.
func (b *Bucket[T]) State(id string, dst *State) Op {
	return &glance{name: b.name, id: id, key: b.keyOf(id), dst: dst}
}

type glance struct {
	name, id, key string
	dst           *State
	reply         *redis.StringCmd
}

func (g *glance) command(ctx context.Context) (redis.Cmder, error) {
	if err := checkID(g.id); err != nil {
		return nil, failed("state of "+g.name, err)
	}
	g.reply = redis.NewStringCmd(ctx, "getrange", &g.key, 0, 0)
	return g.reply, nil
}

func (g *glance) settle() (err error) {
	*g.dst, err = stateOf([]byte(g.reply.Val()))
	if err != nil {
		return failed("state of "+g.name, err)
	}
	return nil
}
