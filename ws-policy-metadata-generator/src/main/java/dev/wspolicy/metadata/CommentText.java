package dev.wspolicy.metadata;

import java.util.List;
import java.util.stream.Collectors;

import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EndElementTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.StartElementTree;

/**
 * Turns Javadoc into a description as Spring Boot writes them: a plain sentence. What
 * Javadoc says of a parameter is none; it loses its article, and gains a capital and a
 * period.
 */
final class CommentText {

	private CommentText() {
	}

	/**
	 * Returns the description.
	 * @param comment the content of a comment or a tag
	 * @return the description, empty if the comment is
	 */
	static String of(List<? extends DocTree> comment) {
		StringBuilder text = new StringBuilder();
		comment.forEach((part) -> text.append(plain(part)));
		return sentence(text.toString().replaceAll("\\s+", " ").strip());
	}

	private static String plain(DocTree part) {
		if (part instanceof LiteralTree literal) {
			return "'" + literal.getBody().getBody() + "'";
		}
		if (part instanceof LinkTree link) {
			String target = link.getReference().getSignature();
			return link.getLabel().isEmpty() ? target.substring(target.indexOf('#') + 1)
					: link.getLabel().stream().map(CommentText::plain).collect(Collectors.joining());
		}
		if (part instanceof StartElementTree || part instanceof EndElementTree) {
			return "";
		}
		return part.toString();
	}

	private static String sentence(String text) {
		String start = text.replaceFirst("^(?:the|an?) (?=\\S)", "");
		if (start.isEmpty()) {
			return start;
		}
		return Character.toUpperCase(start.charAt(0)) + start.substring(1) + (start.matches(".*[.!?]") ? "" : ".");
	}

}
