package main

import (
	"fmt"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/scheme"
	gateway "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/yaml"
)

// strict reads an object as the Go type of its kind, and refuses a field that the type
// does not have, a value of another type, and a kind that nobody knows.
func strict(text []byte) error {
	var about struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(text, &about); err != nil {
		return err
	}
	into, err := typeOf(schema.FromAPIVersionAndKind(about.APIVersion, about.Kind))
	if err != nil {
		return err
	}
	if err := yaml.UnmarshalStrict(text, into); err != nil {
		return fmt.Errorf("%s: %w", about.Kind, err)
	}
	return nil
}

func typeOf(kind schema.GroupVersionKind) (any, error) {
	switch kind.String() {
	case "monitoring.coreos.com/v1, Kind=ServiceMonitor":
		return new(monitoring.ServiceMonitor), nil
	case "monitoring.coreos.com/v1, Kind=PrometheusRule":
		return new(monitoring.PrometheusRule), nil
	case "gateway.networking.k8s.io/v1, Kind=HTTPRoute":
		return new(gateway.HTTPRoute), nil
	}
	return scheme.Scheme.New(kind)
}
