package simulation_test

import (
	"context"
	"reflect"
	"time"

	"itsme-bridge-before/itsme"
	"itsme-bridge-before/keys"
	"itsme-bridge-before/provider"
	"itsme-bridge-before/provider/client"
	"itsme-bridge-before/storage"
)

// This file stands in the place of before_test.go when make simulate-upgrade builds the stories. It knows the version
// before as that was, and so it changes only with the commit in upgrade-from.

// before makes the provider of a replica of the version before.
var before = func(r *replica) (bridge, error) { // read only
	w := r.world
	upstream, err := itsme.New(itsme.Config{
		BaseURL: cmAddress, Token: merchant, Timeout: cmPatience, StatusTimeout: statusPatience, Transport: cmTransport{r},
	})
	if err != nil {
		return nil, err
	}
	signer, err := keys.FromPEM(time.Now, keys.Files{Keys: []string{w.pem}})
	if err != nil {
		return nil, err
	}
	p, err := provider.New(as[provider.Config](w.plan.config()), provider.Parts{
		Store: storage.New(r.redis, prefix, storage.NewKeyring(storage.Key{1})), Upstream: upstream, Signer: signer,
		Outbound: outbound{r}, Log: w.log(), Now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	p.Register([]client.Client{as[client.Client](w.plan.client()), as[client.Client](w.plan.another())})
	return patient{p}, p.RefreshNotBefore(context.Background())
}

// as is a value of this version as one of the version before: what has the same name there.
func as[T any](v any) (out T) {
	copyInto(reflect.ValueOf(&out).Elem(), reflect.ValueOf(v))
	return out
}

func copyInto(to, from reflect.Value) {
	switch {
	case from.Type().ConvertibleTo(to.Type()):
		to.Set(from.Convert(to.Type()))
	case to.Kind() == reflect.Struct:
		for i := range to.NumField() {
			if field := from.FieldByName(to.Type().Field(i).Name); field.IsValid() {
				copyInto(to.Field(i), field)
			}
		}
	case to.Kind() == reflect.Slice && !from.IsNil():
		to.Set(reflect.MakeSlice(to.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			copyInto(to.Index(i), from.Index(i))
		}
	}
}

// patient is a provider that lets requests be held, and may be told to hold none any more, if it can.
type patient struct{ *provider.Provider }

// Hurry is part of bridge.
func (p patient) Hurry() {
	if held, ok := any(p.Provider).(interface{ Hurry() }); ok {
		held.Hurry()
	}
}
