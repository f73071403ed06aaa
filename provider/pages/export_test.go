package pages

import (
	"fmt"
	"reflect"
)

// WriteWith is Write with another template.
var WriteWith = write

// Languages are the languages that the pages speak.
var Languages = []string{english.tag, dutch.tag, french.tag, german.tag}

// Texts is all that a language says, by where it stands.
func Texts(locale string) map[string]string {
	texts := map[string]string{}
	collect(texts, "", reflect.ValueOf(spoken[locale]))
	return texts
}

// Unprinted is all that a language says as it is written, with what stands for its buttons.
func Unprinted(locale string) map[string]string {
	texts := map[string]string{}
	collect(texts, "", reflect.ValueOf(unprinted(locale)))
	return texts
}

func collect(into map[string]string, path string, v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		into[path] = v.String()
	case reflect.Struct:
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "nameless" {
				collect(into, path+"."+name, v.Field(i))
			}
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collect(into, path+"."+key.String(), v.MapIndex(key))
		}
	case reflect.Array:
		for i := range v.Len() {
			collect(into, fmt.Sprint(path, ".", i), v.Index(i))
		}
	default:
		panic(fmt.Sprint("a language holds a ", v.Kind(), " at ", path))
	}
}
