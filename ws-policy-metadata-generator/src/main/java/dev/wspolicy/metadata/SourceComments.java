package dev.wspolicy.metadata;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePathScanner;
import org.jspecify.annotations.Nullable;

/**
 * The Javadoc of types, fields, record components and enum constants, read from source
 * files, since class files do not contain it.
 */
final class SourceComments {

	private final Map<String, String> texts = new TreeMap<>();

	/**
	 * Reads the Javadoc of all source files below some folders.
	 * @param roots the folders
	 * @return the comments
	 * @throws UncheckedIOException if a file cannot be read
	 */
	static SourceComments read(List<Path> roots) {
		List<Path> files = new ArrayList<>();
		for (Path root : roots) {
			try (Stream<Path> below = Files.walk(root)) {
				below.filter((file) -> file.toString().endsWith(".java")).forEach(files::add);
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}
		return parse(files);
	}

	private static SourceComments parse(List<Path> files) {
		SourceComments comments = new SourceComments();
		try (StandardJavaFileManager manager = ToolProvider.getSystemJavaCompiler()
			.getStandardFileManager(null, null, StandardCharsets.UTF_8)) {
			JavacTask task = (JavacTask) ToolProvider.getSystemJavaCompiler()
				.getTask(null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(files));
			Collector collector = new Collector(DocTrees.instance(task), comments.texts);
			for (CompilationUnitTree unit : task.parse()) {
				collector.scan(unit, null);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return comments;
	}

	/**
	 * Returns the first sentence on a type.
	 * @param type the type
	 * @return the sentence, or {@code null} if there is none
	 */
	@Nullable String of(Class<?> type) {
		return this.texts.get(type.getName());
	}

	/**
	 * Returns the text on a field, a record component or an enum constant.
	 * @param type the type that declares it
	 * @param member its name
	 * @return the text, or {@code null} if there is none
	 */
	@Nullable String of(Class<?> type, String member) {
		return this.texts.get(type.getName() + "#" + member);
	}

	/**
	 * Returns the binary names of all types with Javadoc.
	 * @return the names
	 */
	Set<String> types() {
		Set<String> types = new TreeSet<>(this.texts.keySet());
		types.removeIf((key) -> key.contains("#"));
		return types;
	}

	/**
	 * Visits declarations and keeps their comments.
	 */
	private static final class Collector extends TreePathScanner<@Nullable Void, @Nullable String> {

		private final DocTrees trees;

		private final Map<String, String> texts;

		Collector(DocTrees trees, Map<String, String> texts) {
			this.trees = trees;
			this.texts = texts;
		}

		@Override
		public @Nullable Void visitCompilationUnit(CompilationUnitTree unit, @Nullable String outer) {
			return super.visitCompilationUnit(unit, unit.getPackageName() + ".");
		}

		@Override
		public @Nullable Void visitClass(ClassTree type, @Nullable String outer) {
			String name = outer + type.getSimpleName();
			DocCommentTree comment = this.trees.getDocCommentTree(getCurrentPath());
			if (comment != null) {
				put(name, CommentText.of(comment.getFirstSentence()));
				comment.getBlockTags()
					.stream()
					.filter(ParamTree.class::isInstance)
					.map(ParamTree.class::cast)
					.filter((param) -> !param.isTypeParameter())
					.forEach((param) -> put(name + "#" + param.getName(), CommentText.of(param.getDescription())));
			}
			return super.visitClass(type, name + "$");
		}

		@Override
		public @Nullable Void visitVariable(VariableTree variable, @Nullable String outer) {
			DocCommentTree comment = this.trees.getDocCommentTree(getCurrentPath());
			if (comment != null && outer != null && outer.endsWith("$")) {
				put(outer.substring(0, outer.length() - 1) + "#" + variable.getName(),
						CommentText.of(comment.getFullBody()));
			}
			return null;
		}

		private void put(String key, String text) {
			if (!text.isEmpty()) {
				this.texts.put(key, text);
			}
		}

	}

}
