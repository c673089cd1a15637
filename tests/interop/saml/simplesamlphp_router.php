<?php
// SimpleSAMLphp's own pages, under /simplesaml as its baseurlpath says, for `php -S`.
$root = '/usr/share/simplesamlphp/www';
$path = substr(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), strlen('/simplesaml'));
[$script, $rest] = explode('.php', $path, 2) + ['', ''];
$_SERVER['SCRIPT_NAME'] = "/simplesaml$script.php";
$_SERVER['SCRIPT_FILENAME'] = "$root$script.php";
$_SERVER['PATH_INFO'] = $rest;
if ($path === '/service') {
    // The application: who is there, as its library says.
    require '/usr/share/simplesamlphp/lib/_autoload.php';
    $service = new SimpleSAML\Auth\Simple('default-sp');
    $service->requireAuth(['ForceAuthn' => isset($_GET['force'])]);
    header('Content-Type: application/json');
    echo json_encode($service->getAttributes());
    return;
}
if ($path === '/service/leave') {
    require '/usr/share/simplesamlphp/lib/_autoload.php';
    $here = getenv('HERE') . '/simplesaml/service/left';
    (new SimpleSAML\Auth\Simple('default-sp'))->logout(['ReturnTo' => $here, 'ReturnStateParam' => 'state', 'ReturnStateStage' => 'left']);
}
if ($path === '/service/left') {
    require '/usr/share/simplesamlphp/lib/_autoload.php';
    $state = SimpleSAML\Auth\State::loadState($_GET['state'], 'left');
    header('Content-Type: application/json');
    echo json_encode($state['saml:sp:LogoutStatus']);
    return;
}
require "$root$script.php";
