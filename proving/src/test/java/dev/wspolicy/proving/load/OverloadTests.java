package dev.wspolicy.proving.load;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sessions that misbehave, each known way in turn, do not slow down the others much, and
 * are forgotten as soon as they are gone.
 */
class OverloadTests {

	/**
	 * What a direction of a session may hold, by the formula of the documentation, and
	 * what a peer sends before it resets.
	 */
	private static final long FORMULA = 64 * 1024 + 4 * LoadGateway.MESSAGE + 128 * 1024 + 2 * LoadGateway.RECEIVE;

	@Test
	void hundreds() throws Exception {
		try (Crew crew = new Crew(); LoadGateway gateway = LoadGateway.here(crew.uri())) {
			// Whatever else the machine does, nobody waits for seconds.
			new Run(gateway, 200, 10, 250, 200, new Bounds(3, 3000, 5000, 20_000)).all();
		}
	}

	@Test
	@Tag("proving")
	void thousands() throws Exception {
		int sessions = Integer.getInteger("proving.sessions", 5000);
		int seconds = Integer.getInteger("proving.seconds", 10);
		try (Crew crew = new Crew(); LoadGateway gateway = LoadGateway.apart(crew.uri())) {
			Run run = new Run(gateway, sessions - 50, 50, seconds * 1000L, 2000, new Bounds(3, 5, 20, 2000));
			// Compilers and class loaders hold up event loops, too.
			run.warmUp();
			run.all();
		}
	}

	/**
	 * What is allowed.
	 *
	 * @param factor by how much the p99 may be that of the quiet run
	 * @param p99 and how long it may be in any case, in milliseconds
	 * @param turn the longest turn of an event loop in milliseconds
	 * @param recovery the time until the p99 is that of the quiet run again
	 */
	private record Bounds(double factor, double p99, double turn, double recovery) {

	}

	/**
	 * One run through all ways to misbehave.
	 */
	private static final class Run {

		private final LoadGateway gateway;

		private final int good;

		private final int bad;

		private final long millis;

		private final long period;

		private final Bounds bounds;

		private final List<String> wrong = new ArrayList<>();

		private double quiet;

		Run(LoadGateway gateway, int good, int bad, long millis, long period, Bounds bounds) {
			this.gateway = gateway;
			this.good = good;
			this.bad = bad;
			this.millis = millis;
			this.period = period;
			this.bounds = bounds;
		}

		/** All ways, or those that a system property picks for a closer look. */
		private static List<Misbehaviour> ways() {
			String picked = System.getProperty("proving.ways", "");
			return Misbehaviour.all().stream().filter((way) -> way.name().contains(picked)).toList();
		}

		void warmUp() throws Exception {
			try (Crowd crowd = Crowd.open(this.gateway.port(), 100)) {
				for (Misbehaviour way : ways()) {
					try (Offenders offenders = new Offenders(this.gateway.port(), way, this.bad)) {
						talk(crowd, this.millis);
						System.out.printf("warm-up, %s: %d KB%n", way.name(), offenders.written() >> 10);
					}
				}
				// The longest turn is remembered for two minutes.
				talk(crowd, Long.getLong("proving.pause", 121_000));
			}
		}

		void all() throws Exception {
			try (Crowd crowd = Crowd.open(this.gateway.port(), this.good)) {
				talk(crowd, this.millis);
				Crowd.Latencies latencies = talk(crowd, 2 * this.millis);
				this.quiet = latencies.p99();
				System.out.println("quiet: " + latencies + "; " + this.gateway.stats());
				for (Misbehaviour way : ways()) {
					misbehave(crowd, way);
				}
			}
			assertThat(this.wrong).isEmpty();
		}

		private void misbehave(Crowd crowd, Misbehaviour way) throws Exception {
			LoadGateway.Stats stats;
			try (Offenders offenders = new Offenders(this.gateway.port(), way, this.bad)) {
				long begin = System.nanoTime();
				while (!offenders.haveBegun()) {
					talk(crowd, this.millis / 4);
					assertThat(System.nanoTime() - begin).as(way.name()).isLessThan(TimeUnit.MINUTES.toNanos(1));
				}
				talk(crowd, this.millis / 4);
				Crowd.Latencies latencies = talk(crowd, this.millis);
				while (latencies.sorted().length < this.good / 2) {
					// However slow the machine is, enough texts are measured.
					latencies = latencies.and(talk(crowd, this.millis));
				}
				stats = this.gateway.stats();
				System.out.printf("%s: %s; %s; %d KB in %d sessions%n", way.name(), latencies, stats,
						offenders.written() >> 10, offenders.opened());
				require(way, "p99", latencies.p99(), Math.max(this.bounds.p99(), this.bounds.factor() * this.quiet));
				require(way, "longest turn", stats.longestTurn() / 1e6, this.bounds.turn());
				require(way, "bytes of a direction", stats.mostBuffered(), FORMULA);
			}
			long begin = System.nanoTime();
			// Not a number if nothing has come back.
			while (!(talk(crowd, 100).p99() <= Math.max(this.bounds.p99(), this.bounds.factor() * this.quiet))) {
				if (System.nanoTime() - begin > TimeUnit.MINUTES.toNanos(1)) {
					break;
				}
			}
			require(way, "recovery", (System.nanoTime() - begin) / 1e6, this.bounds.recovery());
		}

		private void require(Misbehaviour way, String what, double is, double most) {
			if (!(is <= most)) {
				this.wrong.add(way.name() + ": " + what + " is " + is + " (expected: at most " + most + ")");
			}
		}

		private Crowd.Latencies talk(Crowd crowd, long millis) throws Exception {
			return crowd.talk(TimeUnit.MILLISECONDS.toNanos(millis), TimeUnit.MILLISECONDS.toNanos(this.period));
		}

	}

}
