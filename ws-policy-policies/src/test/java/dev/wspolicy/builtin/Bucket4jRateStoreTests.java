package dev.wspolicy.builtin;

import dev.wspolicy.fleet.RateStore;
import dev.wspolicy.fleet.RateStoreContractTests;
import dev.wspolicy.fleet.Rates;

/**
 * The allowances in the memory of a gateway.
 */
class Bucket4jRateStoreTests extends RateStoreContractTests {

	@Override
	protected RateStore store(Rates rates) {
		return new Bucket4jRateStore(rates);
	}

}
