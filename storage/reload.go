package storage

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// reloadPause is the least time between two readings of a Cluster's slot map for want
// of a node: what fails meanwhile waits for the next.
const reloadPause = time.Second

// reloader has a Cluster's slot map read again when a node is not reached or does not
// answer: another has most probably taken its place, or will in a moment. By itself
// go-redis reads it once a minute and when a node that lives sends us to another.
type reloader struct {
	cluster *redis.ClusterClient
	pausing atomic.Bool
}

// watch does that for every node of a client.
func (r *reloader) watch() { r.cluster.OnNewNode(func(node *redis.Client) { node.AddHook(r) }) }

// seen looks at what a node, or the way to it, has answered.
func (r *reloader) seen(ctx context.Context, err error) {
	if err == nil || isReply(err) || errors.Is(ctx.Err(), context.Canceled) || r.pausing.Swap(true) {
		return
	}
	r.cluster.ReloadState(ctx)
	time.AfterFunc(reloadPause, func() { r.pausing.Store(false) })
}

// DialHook is part of redis.Hook.
func (r *reloader) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		connection, err := next(ctx, network, address)
		r.seen(ctx, err)
		return connection, err
	}
}

// ProcessHook is part of redis.Hook.
func (r *reloader) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		err := next(ctx, command)
		r.seen(ctx, err)
		return err
	}
}

// ProcessPipelineHook is part of redis.Hook.
func (r *reloader) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, commands []redis.Cmder) error {
		err := next(ctx, commands)
		r.seen(ctx, err)
		return err
	}
}
