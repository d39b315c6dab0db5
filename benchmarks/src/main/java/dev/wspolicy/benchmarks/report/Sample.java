package dev.wspolicy.benchmarks.report;

/**
 * One contestant under one load in one round.
 *
 * @param load the load
 * @param contestant the contestant
 * @param round the round
 * @param messages how many messages were relayed, or sessions opened and closed
 * @param micros the proxy's CPU time for each, in microseconds
 * @param rate how many in a second
 * @param p50Micros the median latency; zero where there is none
 * @param p99Micros the latency that 99 of 100 messages stay below
 * @param p999Micros the latency that 999 of 1000 messages stay below
 * @param endsBusy CPU time of load generator and upstream over time
 */
public record Sample(String load, String contestant, int round, long messages, double micros, double rate,
		double p50Micros, double p99Micros, double p999Micros, double endsBusy) {

}
