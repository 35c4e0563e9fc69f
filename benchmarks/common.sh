# shellcheck shell=bash
# What the commands in this directory have in common; each reads it with `source`.

directory=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
command=benchmarks/$(basename "$0")
java=${JAVA_HOME:+$JAVA_HOME/bin/}java

# help_only ARGUMENT...: with --help, says what stands at the head of the command, and ends.
help_only() {
  for argument in "$@"; do
    if [ "$argument" = --help ]; then
      sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
      exit 0
    fi
  done
}

# built_jar: the one that `mvn package` has made, in $jar.
built_jar() {
  for jar in "$directory"/target/attention-flow-benchmarks-*.jar; do
    if [ -f "$jar" ]; then
      return
    fi
  done
  echo "$command: not built yet; run mvn -DskipTests package in $(dirname "$directory")" >&2
  exit 1
}

# build_and_run CLASS ARGUMENT...
build_and_run() {
  echo "$command: building what has changed ..." >&2
  mvn -B -ntp -q -Dstyle.color=never -f "$directory/../pom.xml" -pl benchmarks -am -DskipTests \
    package dependency:build-classpath -Dmdep.outputFile=target/classpath.txt >&2
  exec "$java" -cp "$directory/target/classes:$(cat "$directory/target/classpath.txt")" "$@"
}
