package dev.wspolicy.policies.security;

/**
 * What a client says in a message to prove who it is. Its text form tells no secret.
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
	 * A name and a password.
	 *
	 * @param username the name
	 * @param password the password
	 */
	record UsernamePassword(String username, String password) implements Credentials {

		@Override
		public String toString() {
			return "UsernamePassword[username=" + this.username + ", password=***]";
		}

	}

	/**
	 * The kinds there are, as settings name them.
	 */
	enum Kind {

		/**
		 * A {@link Token}.
		 */
		TOKEN,

		/**
		 * A {@link UsernamePassword}.
		 */
		PASSWORD

	}

}
