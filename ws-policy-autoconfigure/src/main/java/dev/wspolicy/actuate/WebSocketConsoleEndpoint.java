package dev.wspolicy.actuate;

import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.web.PathMappedEndpoints;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.core.io.Resource;

/**
 * {@link WebEndpoint @WebEndpoint} that serves the console, a page that shows and
 * controls live sessions through the other endpoints.
 */
@WebEndpoint(id = "websocketconsole", defaultAccess = Access.NONE)
public class WebSocketConsoleEndpoint {

	static final EndpointId ID = EndpointId.of("websocketconsole");

	private final ConsoleAssets assets = new ConsoleAssets();

	private final Supplier<PathMappedEndpoints> endpoints;

	/**
	 * Creates an endpoint.
	 * @param endpoints supplies the path-mapped endpoints; called per request, because
	 * they include this endpoint
	 */
	public WebSocketConsoleEndpoint(Supplier<PathMappedEndpoints> endpoints) {
		this.endpoints = endpoints;
	}

	/**
	 * Return the page.
	 * @return 200 with the page
	 */
	@ReadOperation(produces = "text/html")
	public WebEndpointResponse<Resource> page() {
		String page = new ConsoleLinks(this.endpoints.get()).fillIn(this.assets.page());
		return ConsoleAssets.Asset.html(page.getBytes(StandardCharsets.UTF_8)).response();
	}

	/**
	 * Return a file that the page refers to.
	 * @param name the name of the file
	 * @return 200 with the file, or 404
	 */
	@ReadOperation(produces = "*/*")
	public WebEndpointResponse<Resource> asset(@Selector String name) {
		ConsoleAssets.Asset asset = this.assets.find(name);
		return (asset != null) ? asset.response() : new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
	}

}
