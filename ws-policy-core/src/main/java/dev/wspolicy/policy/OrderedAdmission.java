package dev.wspolicy.policy;

import org.jspecify.annotations.Nullable;

import dev.wspolicy.session.ProxiedSession;

/**
 * Keeps the order of the calls that another admission receives, however often and on
 * whichever threads this one is called, and keeps no reference to it after the end.
 */
final class OrderedAdmission implements Admission {

	/** Null after the end. */
	private @Nullable Admission delegate;

	private boolean opened;

	OrderedAdmission(Admission delegate) {
		this.delegate = delegate;
	}

	@Override
	public void onOpen(ProxiedSession session) {
		Admission delegate = open();
		if (delegate != null) {
			delegate.onOpen(session);
		}
	}

	@Override
	public void onPrincipal(ProxiedSession session) {
		Admission delegate = ifOpen();
		if (delegate != null) {
			delegate.onPrincipal(session);
		}
	}

	@Override
	public void onEnd() {
		Admission delegate = end();
		if (delegate != null) {
			delegate.onEnd();
		}
	}

	private synchronized @Nullable Admission open() {
		if (this.opened) {
			return null;
		}
		this.opened = true;
		return this.delegate;
	}

	private synchronized @Nullable Admission ifOpen() {
		return this.opened ? this.delegate : null;
	}

	private synchronized @Nullable Admission end() {
		Admission delegate = this.delegate;
		this.delegate = null;
		return delegate;
	}

}
