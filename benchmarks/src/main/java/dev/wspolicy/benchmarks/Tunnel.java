package dev.wspolicy.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A proxy written in C, which shovels bytes and looks at none of them.
 *
 * @param name the name of its executable
 * @param title the title
 * @param configuration its configuration, with places for the port, the directory and the
 * port of the upstream
 * @param options what to start it with, before the file of its configuration
 */
record Tunnel(String name, String title, String configuration, List<String> options) implements Contestant {

	private static final String NGINX = """
			worker_processes 1;
			worker_rlimit_nofile 20000;
			daemon off;
			pid {directory}/nginx.pid;
			error_log stderr warn;
			events { worker_connections 19900; }
			http {
				access_log off;
				client_body_temp_path {directory}/body;
				proxy_temp_path {directory}/proxy;
				fastcgi_temp_path {directory}/fastcgi;
				uwsgi_temp_path {directory}/uwsgi;
				scgi_temp_path {directory}/scgi;
				proxy_buffer_size 64k;
				proxy_buffers 4 64k;
				proxy_read_timeout 1h;
				server {
					listen 127.0.0.1:{port} backlog=4096{listen};
					{tls}
					location / {
						proxy_pass {scheme}://127.0.0.1:{upstream};
						proxy_ssl_protocols TLSv1.3;
						proxy_http_version 1.1;
						proxy_set_header Upgrade $http_upgrade;
						proxy_set_header Connection "upgrade";
					}
				}
			}
			""";

	private static final String NGINX_TLS = "ssl_certificate %s; ssl_certificate_key %s; ssl_protocols TLSv1.3;";

	private static final String HAPROXY = """
			global
				maxconn 9900
				nbthread 1
				tune.bufsize 65536
			defaults
				mode http
				timeout connect 10s
				timeout client 1h
				timeout server 1h
				timeout tunnel 1h
			frontend clients
				bind 127.0.0.1:{port} backlog 4096{bind}
				default_backend upstream
			backend upstream
				server upstream 127.0.0.1:{upstream}{server}
			""";

	static Tunnel nginx() {
		return new Tunnel("nginx", "nginx, 64 KiB buffers", NGINX, List.of("-c"));
	}

	static Tunnel haproxy() {
		return new Tunnel("haproxy", "HAProxy, 64 KiB buffers", HAPROXY, List.of("-db", "-f"));
	}

	@Override
	public boolean isPresent() {
		return Executables.isPresent(this.name);
	}

	@Override
	public List<String> command(Site site) throws IOException {
		Path directory = Files.createDirectories(site.directory()).toAbsolutePath();
		Path file = directory.resolve(this.name + ".conf");
		Tls tls = site.tls();
		Files.writeString(file,
				this.configuration.replace("{directory}", directory.toString())
					.replace("{listen}", (tls != null) ? " ssl" : "")
					.replace("{tls}", (tls != null) ? NGINX_TLS.formatted(tls.certificate(), tls.key()) : "")
					.replace("{scheme}", site.encryptsUpstream() ? "https" : "http")
					.replace("{bind}", (tls != null) ? " ssl crt " + tls.both() : "")
					.replace("{server}", site.encryptsUpstream() ? " ssl verify none" : "")
					.replace("{port}", String.valueOf(site.port()))
					.replace("{upstream}", String.valueOf(site.upstreamPort())));
		String executable = Executables.find(this.name).orElseThrow().toString();
		return java.util.stream.Stream.of(List.of(executable), this.options, List.of(file.toString()))
			.flatMap(List::stream)
			.toList();
	}

}
