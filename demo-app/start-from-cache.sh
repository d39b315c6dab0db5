#!/usr/bin/env bash
# Starts the demo from a cache of the JVM. A training run writes the cache if there is none, or an older one.
# Build the demo first: mvn -Dmaven.test.skip=true -pl demo-app -am package
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/target"
jar=demo-app.jar
if [[ ! -f $jar ]]; then
	echo "There is no target/$jar. Build it with: mvn -Dmaven.test.skip=true -pl demo-app -am package" >&2
	exit 1
fi

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
jdk=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/ *java.specification.version = //p')
args=()
if ((jdk >= 24)); then
	# What Netty needs to use its fast access to memory
	args=(--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED)
fi
# JDK 25 also keeps what it has learned about the code
write=-XX:ArchiveClassesAtExit
read=-XX:SharedArchiveFile
if ((jdk >= 25)); then
	write=-XX:AOTCacheOutput
	read=-XX:AOTCache
fi
cache="demo-jdk$jdk.cache"

if [[ ! -f $cache || $jar -nt $cache ]]; then
	# A cache needs plain jars on the class path
	"$java" -Djarmode=tools -jar "$jar" extract --destination cached --force
	echo "Training for half a minute. See target/training.log"
	"$java" "${args[@]}" "$write=$cache" -jar "cached/$jar" --ws-policy.warm-up=30s >training.log 2>&1 &
	training=$!
	trap 'kill "$training" 2>/dev/null' EXIT
	until grep -q "Warmed up with" training.log; do
		if ! kill -0 "$training" 2>/dev/null || grep -q "Warm-up has failed" training.log; then
			echo "The training run has failed. See target/training.log" >&2
			exit 1
		fi
		sleep 1
	done
	kill "$training"
	# The JVM writes the cache when it ends
	wait "$training" || true
	trap - EXIT
fi

exec "$java" "${args[@]}" "$read=$cache" -jar "cached/$jar" "$@"
