package dev.wspolicy.benchmarks.report;

/**
 * What idle sessions hold in memory.
 *
 * @param contestant the contestant
 * @param sessions how many sessions lived
 * @param heapKiB live objects on the heap, for each of them
 * @param outsideKiB growth of the process outside the heap, for each of them
 * @param heapMiB live objects on the heap in all
 */
public record IdleSample(String contestant, int sessions, double heapKiB, double outsideKiB, double heapMiB) {

	/**
	 * What a session holds in RAM.
	 * @return the size in KiB
	 */
	public double residentKiB() {
		return this.heapKiB + this.outsideKiB;
	}

}
