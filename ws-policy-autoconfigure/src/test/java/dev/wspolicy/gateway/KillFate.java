package dev.wspolicy.gateway;

/**
 * What happens to the victim.
 */
enum KillFate {

	FIN {

		@Override
		void strike(KillScene scene) {
			scene.victim().close();
		}

	},

	RST {

		@Override
		void strike(KillScene scene) {
			scene.victim().reset();
		}

	},

	SILENCE {

		@Override
		void strike(KillScene scene) {
			// Sends nothing, and receives only what the operating system buffers
		}

	},

	HALF_CLOSE {

		@Override
		void strike(KillScene scene) {
			scene.victim().shutdownOutput();
		}

	},

	/** The connection ends with its streams, none of which has ended before. */
	FIN_OF_CONNECTION {

		@Override
		void strike(KillScene scene) {
			scene.victim().closeConnection();
		}

	},

	RST_OF_CONNECTION {

		@Override
		void strike(KillScene scene) {
			scene.victim().resetConnection();
		}

	},

	KILLED {

		@Override
		void strike(KillScene scene) {
			scene.process().kill();
		}

	};

	abstract void strike(KillScene scene);

}
