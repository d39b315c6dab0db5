package dev.wspolicy.builtin.security;

/**
 * The credentials that a client sends in a message. {@code toString} discloses no
 * secrets.
 */
public sealed interface Credentials {

	/**
	 * A token.
	 *
	 * @param value the token
	 */
	record Token(String value) implements Credentials {

		@Override
		public String toString() {
			return "Token[***]";
		}

	}

	/**
	 * A user name and a password.
	 *
	 * @param username the user name
	 * @param password the password
	 */
	record UsernamePassword(String username, String password) implements Credentials {

		@Override
		public String toString() {
			return "UsernamePassword[username=" + this.username + ", password=***]";
		}

	}

	/**
	 * The kinds of credentials, as used in settings.
	 */
	enum Kind {

		/**
		 * A {@linkplain Token token}.
		 */
		TOKEN,

		/**
		 * A {@linkplain UsernamePassword user name with a password}.
		 */
		PASSWORD

	}

}
