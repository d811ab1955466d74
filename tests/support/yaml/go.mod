module lokiops.example/yaml

go 1.25

require (
	github.com/drone/envsubst v1.0.3
	gopkg.in/yaml.v2 v2.4.0
)
