package dev.wspolicy.testkit;

import java.util.List;
import java.util.regex.Pattern;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The classes of the product on the class path, without those of tests.
 */
public final class ProductClasses {

	/** The classes of a module's tests, in its folder or in a jar. */
	private static final Pattern TESTS = Pattern.compile(".*(/test-classes/|-tests\\.jar!).*");

	private final JavaClasses classes;

	private ProductClasses(JavaClasses classes) {
		this.classes = classes;
	}

	public static ProductClasses onTheClassPath() {
		return new ProductClasses(
				new ClassFileImporter().withImportOption(new WithoutTests()).importPackages("dev.wspolicy"));
	}

	public void check(ArchRule rule) {
		rule.check(this.classes);
	}

	/**
	 * Returns the concrete classes of a type.
	 * @param type the type that they extend or implement
	 * @return the classes
	 */
	public List<Class<?>> thatExtend(Class<?> type) {
		return this.classes.stream()
			.filter((javaClass) -> javaClass.isAssignableTo(type)
					&& !javaClass.getModifiers().contains(JavaModifier.ABSTRACT))
			.<Class<?>>map(JavaClass::reflect)
			.toList();
	}

	private static final class WithoutTests implements ImportOption {

		@Override
		public boolean includes(Location location) {
			return !location.matches(TESTS);
		}

	}

}
