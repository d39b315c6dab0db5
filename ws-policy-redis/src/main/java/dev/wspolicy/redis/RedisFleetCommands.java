package dev.wspolicy.redis;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.RedisStreamCommands.TrimOptions;
import org.springframework.data.redis.connection.RedisStreamCommands.XAddOptions;
import org.springframework.data.redis.connection.stream.ByteBufferRecord;
import org.springframework.data.redis.connection.stream.MapRecord;
import org.springframework.data.redis.connection.stream.ReadOffset;
import org.springframework.data.redis.connection.stream.StreamOffset;
import org.springframework.data.redis.connection.stream.StreamReadOptions;
import org.springframework.data.redis.serializer.RedisSerializer;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

import dev.wspolicy.fleet.FleetCommand;
import dev.wspolicy.fleet.FleetCommands;
import dev.wspolicy.fleet.FleetOutcome;
import dev.wspolicy.fleet.FleetOutcome.Answer;
import dev.wspolicy.fleet.LocalGateway;

/**
 * Sends commands through a stream that all gateways read, each with one blocking read on
 * a connection of its own, which also reads the answers to the commands of this gateway.
 * A gateway that was cut off reads on where it was, so that it executes what was sent
 * meanwhile. Reading is confined to one thread.
 */
final class RedisFleetCommands implements FleetCommands {

	/** How many commands and answers the streams keep. */
	private static final int LENGTH = 1000;

	private static final XAddOptions TRIM = XAddOptions.trim(TrimOptions.maxLen(LENGTH).approximate());

	/**
	 * Later, a command would hit sessions that it was not meant for, unless it concerns
	 * those to come as well.
	 */
	static final Duration MAX_AGE = Duration.ofMinutes(1);

	private static final int MAX_EXECUTED = 4 * 1024;

	private static final long RECONNECT_MILLIS = 250;

	/**
	 * How much later than expected a read may return before the connection is replaced.
	 */
	private static final Duration READ_GRACE = Duration.ofSeconds(1);

	/** How often it is checked that reading is where Redis is. */
	private static final Duration CHECK = Duration.ofSeconds(5);

	private static final String START = "0-0";

	private static final Log logger = LogFactory.getLog(RedisFleetCommands.class);

	private final LocalGateway gateway;

	private final FleetStore store;

	private final ScheduledExecutorService executor;

	private final Duration block;

	/** The commands of this gateway that answers are collected for, by id. */
	private final Map<String, Collector> collectors = new ConcurrentHashMap<>();

	/** The ids of the commands that have been executed, the oldest first. */
	private final Set<String> executed = new LinkedHashSet<>();

	private final LongAdder sentCount = new LongAdder();

	private final LongAdder executedCount = new LongAdder();

	private volatile long lagMillis;

	/** The reading that is under way, or {@code null} if this has been stopped. */
	private volatile @Nullable Object reading;

	private Runnable onReconnect = () -> {
	};

	private Function<FleetCommand, Mono<Void>> beforeSending = (command) -> Mono.empty();

	private Consumer<FleetCommand> onRead = (command) -> {
	};

	/** The last command that has been read, or {@code null} if it is unknown. */
	private @Nullable String lastCommand;

	private String lastReply = START;

	/** The last command that others could read when it was last checked. */
	private String lastKnown = START;

	private long checkedAt = System.nanoTime();

	private @Nullable ReactiveRedisConnection connection;

	RedisFleetCommands(LocalGateway gateway, FleetStore store, ScheduledExecutorService executor, Duration block) {
		this.gateway = gateway;
		this.store = store;
		this.executor = executor;
		this.block = block;
	}

	/** Sets what has to be done when commands may have been missed. */
	void onReconnect(Runnable onReconnect) {
		this.onReconnect = onReconnect;
	}

	/** Sets what has to be done before a command of this gateway is sent. */
	void beforeSending(Function<FleetCommand, Mono<Void>> beforeSending) {
		this.beforeSending = beforeSending;
	}

	/** Sets what has to be told of each command that is read, whoever has sent it. */
	void onRead(Consumer<FleetCommand> onRead) {
		this.onRead = onRead;
	}

	/** Begins to read. Completes when all commands that are sent from now on are read. */
	Mono<Void> start() {
		Object reading = new Object();
		this.reading = reading;
		return position().doOnTerminate(() -> readSoon(reading));
	}

	/** Determines where to begin, or where to go on if Redis has lost something. */
	private Mono<Void> position() {
		List<String> keys = List.of(this.store.keys().commands(), this.store.keys().replies(this.gateway.name()));
		return this.store.run(FleetScript.LAST, keys, List.of())
			.publishOn(Schedulers.fromExecutor(this.executor))
			.doOnNext(this::position)
			.then();
	}

	/**
	 * A stream that has been lost, or has expired, begins with lower ids if the clock of
	 * Redis has been put back, or if it is that of another server.
	 */
	private void position(String answer) {
		String[] last = answer.split(" ");
		if (this.lastCommand == null || compare(last[0], this.lastCommand) < 0) {
			this.lastCommand = last[0];
			// What was sent before is not read
			this.onReconnect.run();
		}
		if (compare(last[1], this.lastReply) < 0) {
			// To read one twice does no harm
			this.lastReply = START;
		}
		this.lastKnown = last[0];
		this.checkedAt = System.nanoTime();
	}

	/** Compares two ids of a stream. */
	static int compare(String one, String other) {
		String[] left = one.split("-");
		String[] right = other.split("-");
		int byTime = Long.compare(Long.parseLong(left[0]), Long.parseLong(right[0]));
		return (byTime != 0) ? byTime : Long.compare(Long.parseLong(left[1]), Long.parseLong(right[1]));
	}

	Mono<Void> stop() {
		this.reading = null;
		return this.store.run(FleetScript.REMOVE, this.store.keys().replies(this.gateway.name()))
			.doFinally((signal) -> this.executor.execute(() -> {
				if (this.reading == null) {
					disconnect();
				}
			}))
			.then();
	}

	@SuppressWarnings("unchecked")
	private void read(Object reading) {
		String from = this.lastCommand;
		if (from == null) {
			position().subscribe((done) -> {
			}, (failure) -> readLater(reading), () -> readSoon(reading));
			return;
		}
		ReactiveRedisConnection connection = this.connection;
		if (connection == null) {
			connection = this.store.connections().getReactiveConnection();
			this.connection = connection;
		}
		connection.streamCommands()
			.xRead(StreamReadOptions.empty().block(this.block).count(100),
					StreamOffset.create(buffer(this.store.keys().commands()), ReadOffset.from(from)),
					StreamOffset.create(buffer(this.store.keys().replies(this.gateway.name())),
							ReadOffset.from(this.lastReply)))
			.collectList()
			.timeout(this.block.plus(READ_GRACE))
			.contextWrite(FleetCircuit.QUIET)
			.subscribe((records) -> this.executor.execute(() -> {
				records.forEach(this::onRecord);
				goOn(reading, () -> readOn(reading, from));
			}), (failure) -> {
				// When the gateway stops, so does the executor
				if (isCurrent(reading)) {
					this.executor.execute(() -> goOn(reading, () -> reconnect(reading, failure)));
				}
			});
	}

	private void readOn(Object reading, String from) {
		if (from.equals(this.lastCommand) && compare(from, this.lastKnown) < 0) {
			reconnect(reading, new IllegalStateException("read from a server that others do not use"));
		}
		else if (System.nanoTime() - this.checkedAt > CHECK.toNanos()) {
			this.checkedAt = System.nanoTime();
			position().subscribe((done) -> {
			}, (failure) -> readSoon(reading), () -> readSoon(reading));
		}
		else {
			readOrRetry(reading);
		}
	}

	/** Whether this has neither been stopped nor started again since. */
	private boolean isCurrent(Object reading) {
		return this.reading == reading;
	}

	private void readSoon(Object reading) {
		this.executor.execute(() -> readOrRetry(reading));
	}

	private void readLater(Object reading) {
		if (isCurrent(reading)) {
			this.executor.schedule(() -> readOrRetry(reading), RECONNECT_MILLIS, TimeUnit.MILLISECONDS);
		}
	}

	private void readOrRetry(Object reading) {
		if (!isCurrent(reading)) {
			return;
		}
		try {
			read(reading);
		}
		catch (Throwable ex) {
			goOn(reading, () -> reconnect(reading, ex));
		}
	}

	/** Reading must go on, even after an error. */
	private void goOn(Object reading, Runnable step) {
		try {
			step.run();
		}
		catch (Throwable ex) {
			logger.warn("Reading commands failed", ex);
			readLater(reading);
		}
	}

	private void reconnect(Object reading, Throwable failure) {
		logger.debug("Reading commands failed", failure);
		if (!isCurrent(reading)) {
			return;
		}
		disconnect();
		// Redis may have lost commands; what is missed otherwise is read from there
		position().subscribe((done) -> {
		}, (unavailable) -> readLater(reading), () -> {
			this.onReconnect.run();
			readLater(reading);
		});
	}

	private void disconnect() {
		ReactiveRedisConnection connection = this.connection;
		this.connection = null;
		if (connection != null) {
			connection.closeLater().subscribeOn(Schedulers.boundedElastic()).subscribe((done) -> {
			}, (failure) -> logger.debug("Closing a connection failed", failure));
		}
	}

	private static ByteBuffer buffer(String text) {
		return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
	}

	private void onRecord(ByteBufferRecord raw) {
		try {
			MapRecord<String, String, String> record = raw.deserialize(RedisSerializer.string());
			String id = record.getId().getValue();
			if (this.store.keys().commands().equals(record.getStream())) {
				this.lastCommand = id;
				onCommand(Objects.requireNonNull(record.getId().getTimestamp()), record.getValue());
			}
			else {
				this.lastReply = id;
				onReply(record.getValue());
			}
		}
		catch (Throwable ex) {
			// The next command must be read, also after an Error
			logger.warn("A command of another gateway could not be executed", ex);
		}
	}

	private void onCommand(long sentAt, Map<String, String> fields) {
		String id = fields.getOrDefault("id", "");
		FleetCommand command = FleetCodec.readCommand(fields.getOrDefault("do", ""));
		boolean override = command instanceof FleetCommand.SwitchPolicy || command instanceof FleetCommand.UndoSwitch;
		boolean lasting = override || command instanceof FleetCommand.Revoke;
		Long now = this.store.now();
		long age = (now != null) ? Math.max(0, now - sentAt) : 0;
		if (age > MAX_AGE.toMillis() && !lasting) {
			return;
		}
		if (command != null) {
			this.onRead.accept(command);
		}
		if (!markExecuted(id)) {
			if (command != null && override && this.gateway.name().equals(fields.get("from"))) {
				// This gateway was the first to execute it, the others did so in the
				// order of the stream. The last one counts, and has to be the same.
				this.gateway.execute(command);
			}
			return;
		}
		if (command == null) {
			logger.warn("Another gateway has sent a command that this version does not know");
			return;
		}
		if (this.gateway.executes(command)) {
			this.lagMillis = age;
			Answer answer = execute(command);
			this.store
				.run(FleetScript.REPLY, this.store.keys().replies(fields.getOrDefault("from", "")), "" + LENGTH, id,
						FleetCodec.write(answer))
				.subscribe((sent) -> {
				}, (failure) -> logger.debug("Answering a command failed", failure));
		}
	}

	private Answer execute(FleetCommand command) {
		this.executedCount.increment();
		return this.gateway.execute(command);
	}

	/** Returns whether a command has not been executed yet. */
	private boolean markExecuted(String id) {
		synchronized (this.executed) {
			if (!this.executed.add(id)) {
				return false;
			}
			if (this.executed.size() > MAX_EXECUTED) {
				Iterator<String> oldest = this.executed.iterator();
				oldest.next();
				oldest.remove();
			}
			return true;
		}
	}

	private void onReply(Map<String, String> fields) {
		Collector collector = this.collectors.get(fields.getOrDefault("id", ""));
		Answer answer = FleetCodec.readAnswer(fields.getOrDefault("answer", ""));
		if (collector != null && answer != null) {
			collector.add(answer);
		}
	}

	@Override
	public Mono<FleetOutcome> send(FleetCommand command) {
		// Closing many sessions takes a while, and connecting blocks
		return Mono.defer(() -> this.beforeSending.apply(command))
			.subscribeOn(Schedulers.boundedElastic())
			.then(Mono.defer(() -> execute(command, UUID.randomUUID().toString()))
				.subscribeOn(Schedulers.boundedElastic()));
	}

	private Mono<FleetOutcome> execute(FleetCommand command, String id) {
		Collector collector = new Collector();
		this.sentCount.increment();
		markExecuted(id);
		if (this.gateway.executes(command)) {
			collector.add(execute(command));
			if (command.gateway() != null) {
				return Mono.just(collector.outcome(List.of(command.gateway())));
			}
		}
		this.collectors.put(id, collector);
		Mono<Collection<String>> expected = (command.gateway() != null) ? Mono.just(List.of(command.gateway()))
				: this.store.readLive()
					.onErrorResume((failure) -> Mono.fromSupplier(this.store::lastLive))
					.map((live) -> withThis(live.names()));
		Map<String, String> fields = Map.of("id", id, "from", this.gateway.name(), "do", FleetCodec.write(command));
		String stream = this.store.keys().commands();
		Mono<Boolean> sent = this.store.call(stream, this.store.redis().opsForStream().add(stream, fields, TRIM))
			.hasElement()
			.onErrorReturn(false);
		return Mono.zip(expected, sent)
			.flatMap((both) -> both.getT2() ? collector.await(both.getT1(), this.store.timeouts().answer())
					: Mono.just(collector.outcome(both.getT1())))
			.doFinally((signal) -> this.collectors.remove(id));
	}

	private Collection<String> withThis(List<String> live) {
		Set<String> names = new LinkedHashSet<>(live);
		names.add(this.gateway.name());
		return names;
	}

	long sentCount() {
		return this.sentCount.sum();
	}

	long executedCount() {
		return this.executedCount.sum();
	}

	/** Returns the time between sending and execution of the last command. */
	Duration lag() {
		return Duration.ofMillis(this.lagMillis);
	}

	/** Collects the answers to one command. Safe from any thread. */
	private static final class Collector {

		private final Map<String, Answer> answers = new ConcurrentHashMap<>();

		private final Sinks.One<Boolean> done = Sinks.one();

		private volatile Collection<String> expected = List.of();

		private volatile boolean awaited;

		void add(Answer answer) {
			this.answers.putIfAbsent(answer.gateway(), answer);
			completeIfAllAnswered();
		}

		private void completeIfAllAnswered() {
			if (this.awaited && this.answers.keySet().containsAll(this.expected)) {
				this.done.tryEmitValue(true);
			}
		}

		Mono<FleetOutcome> await(Collection<String> expected, Duration timeout) {
			this.expected = expected;
			this.awaited = true;
			completeIfAllAnswered();
			return this.done.asMono().timeout(timeout, Mono.just(false)).map((complete) -> outcome(expected));
		}

		FleetOutcome outcome(Collection<String> expected) {
			return FleetOutcome.of(this.answers.values(), expected);
		}

	}

}
