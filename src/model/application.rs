//! Applications: web applications above all.
//!
//! Owns the application object (`Security.Applications`, H4.5), from security exports.
//! Invariant: where a property came with a newer record version, its absence in an older record is
//! no difference; the folders an application is served from belong to the member (H2.4).

use super::bits::{ApplicationKind, AuthenticationMethods};
use super::code::{CookieScope, GatewayInterface, ServeFiles, UseCookies};
use super::grant::MatchRoles;
use super::object::Object;
use super::owner::{self, Owner};
use super::text::{Name, Text};
use super::value::Set;

crate::object! {
    /// An application (`Security.Applications`, H4.5).
    pub struct Application in Applications from "Security.Applications" {
        identity {
            /// Name; a web application's starts with `/`.
            name: Name = "Name";
        }
        properties {
            /// What it is for.
            description: Text = "Description", must_equal, empty, when Application::is_the_sites;
            /// What kind of application it is.
            kind: ApplicationKind = "Type", must_equal, default(ApplicationKind(2));
            /// Whether it can be used.
            enabled: bool = "Enabled", must_equal, default(true);
            /// Namespace in which it runs.
            namespace: Name = "NameSpace", must_equal, empty;
            /// Whether it is the default application of its namespace.
            is_namespace_default: bool = "IsNameSpaceDefault", must_equal, default(false);
            /// Ways to log in that it allows; the product's default is unauthenticated.
            authentication_methods: AuthenticationMethods = "AutheEnabled", must_equal,
                default(AuthenticationMethods(64));
            /// Resource one must be able to use.
            resource: Name = "Resource", must_equal, empty;
            /// Applications with the same group share their sessions.
            group_by_id: Text = "GroupById", must_equal, empty;
            /// Roles it adds for those who hold a role, or for everybody.
            match_roles: MatchRoles = "MatchRoles", must_equal, empty;
            /// Whether it issues JSON web tokens.
            jwt_auth_enabled: bool = "JWTAuthEnabled", must_equal, default(false), since "2";
            /// Seconds for which an access token holds.
            jwt_access_token_timeout: u64 = "JWTAccessTokenTimeout", must_equal, default(60), since "2";
            /// Seconds for which a refresh token holds.
            jwt_refresh_token_timeout: u64 = "JWTRefreshTokenTimeout", must_equal, default(900), since "2";
            /// Origins from which scripts may call it.
            cors_allowlist: Set<Text> = "CorsAllowlist", must_equal, empty, since "3";
            /// Whether such calls may carry credentials.
            cors_credentials_allowed: bool = "CorsCredentialsAllowed", must_equal, default(true), since "3";
            /// Headers such calls may carry.
            cors_headers: Set<Text> = "CorsHeadersList", must_equal, empty, since "3";
            /// Whether it defends against forged requests.
            csrf_token: bool = "CSRFToken", must_equal, default(true);
            /// Classes of the product it may use.
            permitted_classes: Text = "PermittedClasses", must_equal, empty;
            /// Whether two-factor login is on; kept for older clients.
            two_factor_enabled: bool = "TwoFactorEnabled", must_equal, default(false);
            /// REST dispatch class.
            dispatch_class: Text = "DispatchClass", must_equal, empty;
            /// Whether it serves CSP and ZEN pages.
            csp_enabled: bool = "CSPZENEnabled", must_equal, default(true);
            /// Whether it serves inbound web services.
            web_services_enabled: bool = "InbndWebServicesEnabled", must_equal, default(true);
            /// Whether analytics is on.
            analytics_enabled: bool = "DeepSeeEnabled", must_equal, default(false);
            /// Whether text analytics is on.
            iknow_enabled: bool = "iKnowEnabled", must_equal, default(false);
            /// Whether its folders are served with their subfolders.
            recurse: bool = "Recurse", must_equal, default(true);
            /// Whether pages are compiled when they change.
            auto_compile: bool = "AutoCompile", must_equal, default(true);
            /// Whether a page's class name is locked to its file.
            lock_csp_name: bool = "LockCSPName", must_equal, default(true);
            /// Whether an empty path leads to `/`.
            redirect_empty_path: bool = "RedirectEmptyPath", must_equal, default(false);
            /// Package of the page classes.
            package: Text = "Package", must_equal, empty;
            /// Super class of the page classes.
            super_class: Text = "SuperClass", must_equal, empty;
            /// Class that is told about session events.
            event_class: Text = "EventClass", must_equal, empty;
            /// Page shown on errors.
            error_page: Text = "ErrorPage", must_equal, empty;
            /// Login page.
            login_page: Text = "LoginPage", must_equal, empty;
            /// Page for changing the password.
            change_password_page: Text = "ChangePasswordPage", must_equal, empty;
            /// Seconds after which a session ends.
            timeout: u64 = "Timeout", must_equal, default(900);
            /// Whether sessions use cookies.
            use_cookies: UseCookies = "UseCookies", must_equal, default(UseCookies::Always);
            /// Path of the session cookie.
            cookie_path: Text = "CookiePath", must_equal, empty;
            /// SameSite setting of the session cookie.
            session_scope: CookieScope = "SessionScope", must_equal, default(CookieScope::Strict);
            /// SameSite setting of other cookies.
            user_cookie_scope: CookieScope = "UserCookieScope", must_equal, default(CookieScope::Strict);
            /// Folder on this member that it serves files from.
            path: Text = "Path", may_differ, empty;
            /// How static files are served.
            serve_files: ServeFiles = "ServeFiles", must_equal, default(ServeFiles::Always);
            /// Seconds for which static files may be cached.
            serve_files_timeout: u64 = "ServeFilesTimeout", must_equal, default(3600);
            /// Routines of a privileged routine application, as `NAME:DATABASE:FLAG`.
            routines: Set<Text> = "Routines", must_equal, empty;
            /// Client applications that may use it, as the hashes the product keeps.
            client_applications: Set<Text> = "ClientApplications", must_equal, empty;
            /// Folder on this member of a Python application.
            wsgi_app_location: Text = "WSGIAppLocation", may_differ, empty, since "3";
            /// Module of a Python application.
            wsgi_app_name: Text = "WSGIAppName", must_equal, empty, since "3";
            /// Callable of a Python application.
            wsgi_callable: Text = "WSGICallable", must_equal, default(Text::from("app")),
                since "3", when Application::is_python;
            /// Gateway interface of a Python application.
            wsgi_type: GatewayInterface = "WSGIType", must_equal, default(GatewayInterface::Wsgi),
                since "3", when Application::is_python;
            /// Whether a Python application runs in debug mode.
            wsgi_debug: bool = "WSGIDebug", must_equal, default(false), since "3";
            /// Whether requests are traced.
            trace_enabled: bool = "TraceEnabled", must_equal, unknown;
            /// Version of the export record.
            record_version: Text = "Version", may_differ, empty;
        }
        never {
            Derived { "NameLowerCase" "ForceSave" "HyperEvent" }
        }
    }
}

impl Application {
    fn is_the_sites(&self) -> bool {
        self.owner() == Owner::Site
    }

    /// Whether it can be used without a login; what states no way to log in has the product's default,
    /// which is none at all (H4.5).
    pub fn lets_anybody_in(&self) -> bool {
        let methods = self.authentication_methods;
        self.enabled != Some(false) && methods.is_none_or(AuthenticationMethods::lets_anybody_in)
    }

    /// Whether it gives `%All` to whoever uses it, or to some of them (H4.5).
    pub fn grants_everything(&self) -> bool {
        let rows = self.match_roles.iter().flat_map(MatchRoles::iter);
        self.enabled != Some(false)
            && rows.into_iter().any(|row| row.targets.iter().any(|role| role.is("%All")))
    }

    fn is_python(&self) -> bool {
        self.wsgi_app_name.as_ref().is_some_and(|name| !name.is_empty())
    }
}

impl Object for Application {
    fn name(&self) -> &str {
        &self.name
    }
    fn owner(&self) -> Owner {
        owner::application(&self.name)
    }
    const MARKERS: &'static [&'static str] = &["/csp/sys"];
}
