package example;

import java.util.TreeMap;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.oidc.authentication.OidcIdTokenDecoderFactory;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.oauth2.jose.jws.SignatureAlgorithm;
import org.springframework.security.oauth2.jwt.JwtDecoderFactory;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;
import tools.jackson.databind.json.JsonMapper;

@SpringBootApplication
@RestController
public class Application {
  public static void main(String[] args) {
    SpringApplication.run(Application.class, args);
  }

  @Bean
  SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) {
    var logout = new OidcClientInitiatedLogoutSuccessHandler(clients); // ends the bridge's session too
    logout.setPostLogoutRedirectUri("{baseUrl}/");
    return http
        .authorizeHttpRequests(
            requests -> requests.requestMatchers("/", "/not-logged-in", "/error").permitAll().anyRequest().authenticated())
        .oauth2Login(
            login ->
                login.failureHandler(
                    (request, response, problem) -> {
                      LoggerFactory.getLogger(Application.class).warn("not logged in: {}", problem.getMessage());
                      response.sendRedirect(request.getContextPath() + "/not-logged-in"); // a page that everybody may see
                    }))
        .logout(leave -> leave.logoutSuccessHandler(logout))
        .build();
  }

  // Spring verifies RS256 alone unless it is told.
  @Bean
  JwtDecoderFactory<ClientRegistration> idTokens(@Value("${itsme.signing-alg:RS256}") String algorithm) {
    var factory = new OidcIdTokenDecoderFactory();
    factory.setJwsAlgorithmResolver(client -> SignatureAlgorithm.from(algorithm));
    return factory;
  }

  @GetMapping(path = "/", produces = "text/html")
  String home() {
    return "<a id='login' href='/me'>Log in with itsme</a>";
  }

  @GetMapping(path = "/not-logged-in", produces = "text/html")
  String notLoggedIn() {
    return "<p id='message'>You are not logged in.</p>" + home();
  }

  @GetMapping(path = "/me", produces = "text/html")
  String me(@AuthenticationPrincipal OidcUser user) {
    var claims = new JsonMapper().writeValueAsString(new TreeMap<>(user.getClaims()));
    return "<pre id='claims'>" + HtmlUtils.htmlEscape(claims) + "</pre><a id='logout' href='/logout'>Log out</a>";
  }
}
