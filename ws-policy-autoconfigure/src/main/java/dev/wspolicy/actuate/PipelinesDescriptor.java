package dev.wspolicy.actuate;

import java.util.Map;

import org.springframework.boot.actuate.endpoint.OperationResponseBody;

/**
 * The pipelines of all routes.
 *
 * @param routes the pipelines by route id
 */
public record PipelinesDescriptor(Map<String, RoutePipelineDescriptor> routes) implements OperationResponseBody {

}
