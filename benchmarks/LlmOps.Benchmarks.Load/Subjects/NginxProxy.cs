namespace LlmOps.Benchmarks.Load.Subjects;

/// <summary>nginx as a reverse proxy that keeps its connections to the upstream and passes streams on as they come.</summary>
internal static class NginxProxy
{
    /// <summary>Writes the configuration; nothing of nginx's own folders is used, so that any user can start it.</summary>
    public static ServerCommand Command(Site site)
    {
        var configuration = Path.Combine(site.Folder, "nginx.conf");
        File.WriteAllText(configuration, $$"""
            daemon off;
            worker_processes auto;
            pid {{site.Folder}}/nginx.pid;
            error_log stderr;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path {{site.Folder}}/body;
                proxy_temp_path {{site.Folder}}/proxy;
                fastcgi_temp_path {{site.Folder}}/fastcgi;
                uwsgi_temp_path {{site.Folder}}/uwsgi;
                scgi_temp_path {{site.Folder}}/scgi;
                upstream provider {
                    server 127.0.0.1:{{site.UpstreamPort}};
                    keepalive 512;
                }
                server {
                    listen 127.0.0.1:{{site.Port}};
                    location / {
                        proxy_pass http://provider;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_buffering off;
                    }
                }
            }

            """);
        return new("nginx", "-p", site.Folder, "-c", configuration);
    }
}
