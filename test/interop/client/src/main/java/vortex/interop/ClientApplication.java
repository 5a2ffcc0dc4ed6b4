// Starts with the configuration of a config server, prints the properties named by `interop.print` as one line of JSON, and ends.
package vortex.interop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;

@SpringBootApplication
public class ClientApplication {

  public static void main(String[] arguments) {
    SpringApplication application = new SpringApplication(ClientApplication.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    try (var context = application.run(arguments)) {
      System.out.println("INTEROP " + toJson(describe(context.getEnvironment())));
    }
  }

  private static Map<String, Object> describe(ConfigurableEnvironment environment) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (String key : environment.getProperty("interop.print", "").split(",")) properties.put(key, environment.getProperty(key));
    List<String> sources = new ArrayList<>();
    for (PropertySource<?> source : environment.getPropertySources()) {
      if (source.getName().startsWith("configserver:")) sources.add(source.getName());
    }
    Map<String, Object> description = new LinkedHashMap<>();
    description.put("properties", properties);
    description.put("sources", sources);
    String list = environment.getProperty("interop.bind-list", "none");
    description.put("list", Binder.get(environment).bind(list, Bindable.listOf(String.class)).orElse(List.of()));
    return description;
  }

  private static String toJson(Object value) {
    if (value == null) return "null";
    if (value instanceof Map<?, ?> map) {
      List<String> members = new ArrayList<>();
      map.forEach((key, member) -> members.add(toJson(key) + ":" + toJson(member)));
      return "{" + String.join(",", members) + "}";
    }
    if (value instanceof List<?> list) return "[" + String.join(",", list.stream().map(ClientApplication::toJson).toList()) + "]";
    StringBuilder text = new StringBuilder("\"");
    for (char character : value.toString().toCharArray()) {
      boolean isPlain = character >= ' ' && character < 127 && character != '"' && character != '\\';
      text.append(isPlain ? String.valueOf(character) : String.format("\\u%04x", (int) character));
    }
    return text.append('"').toString();
  }
}
