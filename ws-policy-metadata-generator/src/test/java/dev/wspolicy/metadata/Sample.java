package dev.wspolicy.metadata;

import java.time.Duration;
import java.util.List;
import java.util.Set;

import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * A group of keys. Its second sentence is left out.
 *
 * @param names the {@code names} of {@linkplain Sample things}
 * @param maxWait how long to wait
 * @param count a number
 * @param shades which shades to use, see {@link Shade#DARK}
 * @param nested what is nested
 */
record Sample(@DefaultValue("a,b") @NotEmpty List<String> names, @DefaultValue("5s") Duration maxWait,
		@Nullable @Min(1) Integer count, @DefaultValue Set<Shade> shades, @DefaultValue Nested nested) {

	Sample(Duration maxWait) {
		this(List.of("a"), maxWait, null, Set.of(), new Nested(Shade.DARK));
	}

	/**
	 * How much light there is.
	 */
	enum Shade {

		/**
		 * A little.
		 */
		DARK,

		/**
		 * The most.
		 */
		VERY_BRIGHT

	}

	/**
	 * A group that a text can stand for.
	 *
	 * @param shade the shade
	 */
	record Nested(@DefaultValue("dark") Shade shade) {

		public static Nested of(String shade) {
			return new Nested(Shade.valueOf(shade));
		}

	}

}
