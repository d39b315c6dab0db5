package dev.wspolicy.metadata;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotEmpty;
import org.jspecify.annotations.Nullable;

/**
 * A key of the configuration.
 *
 * @param owner the class that declares it
 * @param name the name, in kebab case
 * @param type the Java type
 * @param annotations the annotations, of which the constraints matter
 * @param description the description, or {@code null} if there is none
 * @param defaultValue the default as it would be written in YAML, or {@code null} if
 * there is none
 * @param value the value of a bean's property by default, from which the defaults below
 * it are read
 */
record Setting(Class<?> owner, String name, Type type, AnnotatedElement annotations, @Nullable String description,
		@Nullable Object defaultValue, @Nullable Object value) {

	/**
	 * Whether the key must be present.
	 * @return {@code true} if its value must not be empty
	 */
	boolean isRequired() {
		return this.annotations.isAnnotationPresent(NotEmpty.class)
				|| this.annotations.isAnnotationPresent(NotBlank.class);
	}

	/**
	 * Returns the bounds of a number.
	 * @return the keywords of a schema, empty if there are no bounds
	 */
	Map<String, Object> bounds() {
		Map<String, Object> bounds = new LinkedHashMap<>();
		Min min = this.annotations.getAnnotation(Min.class);
		if (min != null) {
			bounds.put("minimum", min.value());
		}
		Max max = this.annotations.getAnnotation(Max.class);
		if (max != null) {
			bounds.put("maximum", max.value());
		}
		DecimalMin least = this.annotations.getAnnotation(DecimalMin.class);
		if (least != null) {
			bounds.put(least.inclusive() ? "minimum" : "exclusiveMinimum", Double.valueOf(least.value()));
		}
		DecimalMax most = this.annotations.getAnnotation(DecimalMax.class);
		if (most != null) {
			bounds.put(most.inclusive() ? "maximum" : "exclusiveMaximum", Double.valueOf(most.value()));
		}
		return bounds;
	}

}
