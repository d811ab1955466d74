package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/grafana/loki/v3/pkg/loki"
	"github.com/grafana/loki/v3/pkg/util/cfg"
)

// question is one line of the judge's input, verdict one of its output; both in the same order.
type question struct {
	Config string            `json:"config"`
	Env    map[string]string `json:"env"` // turns on -config.expand-env when it is there
}
type verdict struct {
	Valid bool   `json:"valid"`
	Text  string `json:"text,omitempty"`
}

// judge answers questions by the steps of cmd/loki's main with -verify-config, hundreds in a second. That it agrees with
// the real program is held by `scripts/verify.sh corpus`, which asks both.
func judge(in io.Reader, out io.Writer) {
	folder, err := os.MkdirTemp("", "judge")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "config.yaml")
	questions := json.NewDecoder(bufio.NewReader(in))
	answers := json.NewEncoder(out)
	answers.SetEscapeHTML(false)
	for {
		var asked question
		if err := questions.Decode(&asked); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			panic(err)
		}
		if err := os.WriteFile(file, []byte(asked.Config), 0o600); err != nil {
			panic(err)
		}
		said := verdict{Valid: true}
		if err := verify(file, asked.Env); err != nil {
			said = verdict{Text: strings.ReplaceAll(err.Error(), file, "config.yaml")}
		}
		if err := answers.Encode(said); err != nil {
			panic(err)
		}
	}
}

func verify(file string, env map[string]string) (err error) {
	defer func() {
		if thrown := recover(); thrown != nil {
			err = fmt.Errorf("panic: %v", thrown)
		}
	}()
	args := []string{"-config.file=" + file}
	if env != nil {
		args = append(args, "-config.expand-env=true")
		for name, value := range env {
			os.Setenv(name, value)
			defer os.Unsetenv(name)
		}
	}
	var config loki.ConfigWrapper
	if err := cfg.DynamicUnmarshal(&config, args, flag.NewFlagSet("", flag.ContinueOnError)); err != nil {
		return fmt.Errorf("failed parsing config: %w", err)
	}
	// Methods that not every version has.
	limits := reflect.ValueOf(&config.LimitsConfig)
	if set := limits.MethodByName("SetGlobalOTLPConfig"); set.IsValid() {
		set.Call([]reflect.Value{reflect.ValueOf(&config.Distributor).Elem().FieldByName("OTLPConfig")})
	}
	if set := limits.MethodByName("SetDefaultPolicyStreamMapping"); set.IsValid() {
		mappings := reflect.ValueOf(&config.Distributor).Elem().FieldByName("DefaultPolicyStreamMappings")
		if out := set.Call([]reflect.Value{mappings}); len(out) == 1 && !out[0].IsNil() {
			return fmt.Errorf("failed to set default policy stream mappings: %w", out[0].Interface().(error))
		}
	}
	if reflect.ValueOf(config.Server.LogLevel).IsZero() {
		return errors.New("invalid log level")
	}
	return config.Validate()
}
